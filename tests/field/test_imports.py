"""What the field process loads is light, and torch is never part of it (GAP-08)."""

from pathlib import Path

from tests.test_house import loaded

HEAVY = {"torch", "torchaudio", "librosa", "sklearn", "matplotlib", "pandas"}


def test_no_page_of_the_field_loads_torch_GAP_08(tmp_path: Path) -> None:
    pages = (
        "import importlib, pkgutil, jobs.field\n"
        "for page in pkgutil.iter_modules(jobs.field.__path__, 'jobs.field.'):\n"
        "    importlib.import_module(page.name)"
    )
    there = loaded(pages, tmp_path)
    assert "cryptography" in there and not there & HEAVY


def test_directives_feedback_and_the_version_in_use_need_no_library_at_all_GAP_08(tmp_path: Path) -> None:
    there = loaded("import jobs.field.directives, jobs.field.feedback, jobs.field.installed", tmp_path)
    assert not there & {
        *HEAVY,
        "numpy",
        "scipy",
        "numba",
        "onnx",
        "onnxruntime",
        "safetensors",
        "cryptography",
    }
