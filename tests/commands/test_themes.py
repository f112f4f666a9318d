"""``woodshed themes``: seen, chosen, copied, checked."""

from pathlib import Path

from tests.commands.front import ask, refused, run


def test_themes_are_listed_shown_and_used_CLI(home: Path) -> None:
    listed = {one["name"]: one for one in ask("themes", "ls")}
    assert len(listed) >= 6 and listed["woodshed"]["in_use"] and "tritanopia" in listed["ember"]["safe_for"]
    assert run("themes", "ls").stdout.count("harbour") == 1
    shown = ask("themes", "show", "harbour")
    assert shown["colors"]["accent"] == "#56b4e9" and Path(shown["path"]).is_file()
    assert "#56b4e9" in run("themes", "show", "harbour").stdout
    assert ask("themes", "use", "harbour")["in_use"]
    assert {one["name"] for one in ask("themes", "ls") if one["in_use"]} == {"harbour"}
    assert "did you mean 'harbour'?" in refused("themes", "use", "harbor", code=3)


def test_a_theme_of_ones_own_wins_and_is_checked_CLI(home: Path) -> None:
    made = ask("themes", "new", "harbour", "--from", "ember")
    path = Path(made["path"])
    assert made["own"] and path.is_relative_to(home)
    assert ask("themes", "show", "harbour")["safe_for"] == ["tritanopia"]
    assert ask("themes", "check", path)["ok"]
    assert "exists" in refused("themes", "new", "harbour", code=2)
    path.write_text(path.read_text().replace('text = "#', 'text = "'))
    assert "colors.text" in refused("themes", "check", path, code=4)
    assert "no such file" in refused("themes", "check", path.with_name("gone.toml"), code=3)
    assert "error" in next(one for one in ask("themes", "ls") if one["name"] == "harbour")
    refused("themes", "use", "harbour", code=4)


def test_the_settings_file_wins_and_says_so_CLI(home: Path) -> None:
    (home / "config").mkdir()
    (home / "config" / "studio.toml").write_text('theme = "ember"\n')
    assert next(one["name"] for one in ask("themes", "ls") if one["in_use"]) == "ember"
    assert "studio.toml" in refused("themes", "use", "harbour", code=2)
