"""What came of repairs, scores and trainings of repairers, for people."""

from collections.abc import Iterable, Mapping
from typing import Any

from studio import costs, fieldwork
from studio.commands.base import called, fields, shown, table
from studio.report import ended, part

MEASURED = {
    "sdr_db": ("SDR dB", 2),
    "delta_fft_percent": ("ΔFFT %", 2),
    "envelope_percent": ("envelope %", 2),
    "phase_degrees": ("phase °", 2),
}
"""The four that mastery asks for: heading and digits."""


def repaired(found: dict[str, Any]) -> None:
    print(
        f"{found['lost_packets']} of {found['packets']} packets ({found['lost_percent']:g} %) in "
        f"{found['gaps']} gaps, filled with {shown(found['method'])}: {shown(found['path'])}"
    )


def scored(found: dict[str, Any]) -> None:
    for note in found["notes"]:
        print(f"note: {shown(note)}")
    parts = [("file", found), *([("gaps", found["gap"])] if found.get("gap") else [])]
    heads = ("", "composite", "tier", *(words for words, _ in MEASURED.values()), "mastered")
    rows = [
        [name, f"{one['composite']:.3f}", one["tier"],
         *(f"{one['measures'][key]:.{digits}f}" for key, (_, digits) in MEASURED.items()), one["mastered"]]
        for name, one in parts
    ]  # fmt: skip
    table(heads, rows, "")
    judged, last = parts[-1]
    print(f"good enough for the field, by the {judged}: {'yes' if last['deployable'] else 'no'}")
    if found.get("beside"):
        ways = {"this": {"gap_sdr_db": found["gap_sdr_db"], "composite": found["gap"]["composite"]}}
        table(
            ("in the gaps", "SDR dB", "composite"),
            [[name, f"{one['gap_sdr_db']:.2f}", f"{one['composite']:.3f}"]
             for name, one in {**ways, **found["beside"]}.items()],
            "",
        )  # fmt: skip
    if found.get("stereo"):
        told = found["stereo"]
        print(
            f"between left and right: {told['level_error_db']:.2f} dB and "
            f"{told['phase_error_degrees']:.1f}° off in the gaps"
        )
    for key, value in found.get("speech", {}).items():
        for line in value if key == "limits" else [f"{key}: {value:.3f}"]:
            print(shown(line))


def show(record: dict[str, Any]) -> None:
    fields(
        record, ("id", "name", "created", "net", "verdict", "kinds", "sounds", "parameters", "path", "job")
    )
    report = record["report"]
    over = {name: f"{one['gain_db']:+.2f} dB ({one['low']:+.2f} to {one['high']:+.2f})"
            for name, one in report["over"].items()}  # fmt: skip
    print(f"\ngain over AR-512 {over['ar-512']}, over all prediction {over['ar']}; ships: {report['ships']}")
    how = f"{ended(report['ended_by'])} at step {report['steps']}, best at {report['best_step']}"
    print(f"on {report['gaps']} gaps of {report['sources']} sounds that were not learned; {how}")
    rows = [
        [row["kind"], f"{row['gap_ms']:g}", f"{row['gap_sdr_db']:.2f}", f"{row['baseline_gap_sdr_db']:.2f}",
         f"{row['gain_db']:+.2f} ({row['interval_db'][0]:+.2f} to {row['interval_db'][1]:+.2f})", row["gaps"]]
        for row in report["by_gap"]
    ]  # fmt: skip
    table(("sounds", "gap ms", "SDR dB", "AR-512 dB", "gain dB a gap (95 %)", "gaps"), rows, "")
    print("SDR is of all gaps together; a gain is the mean of each gap's, whose SDR counts from -30 to 30 dB")
    missed = ", ".join(f"{MEASURED[name][0]} by {value:.2f}" for name, value in report["failing"].items())
    print(f"composite {report['composite']:.3f} in gaps of 10 ms; missed targets: {missed or 'none'}")
    if told := part(record, "feedback"):
        print("\nfrom the field:")
        counted(told)
    print(
        f"next: {called()} repair run FILE --trace stress --model {shown(record['name'])} --out REPAIRED.wav"
    )


def counted(totals: Mapping[str, Any]) -> None:
    """What the field counted with one repairer."""
    lines(fieldwork.feedback(totals))
    rows = [
        [name, number, f"{100 * share:.0f} %"] for name, number, share in fieldwork.lengths(totals) if number
    ]
    table(("gap ms", "gaps", "share"), rows, "no gaps")
    lines(f"→ {one}" for one in fieldwork.advice(totals))


def lines(words: Iterable[str]) -> None:
    """Each on a line of its own."""
    for one in words:
        print(shown(one))


def shipped(found: dict[str, Any]) -> None:
    name, path = shown(found["name"]), shown(found["path"])
    print(f"{name}, version {found['version']}: {path} ({found['bytes']} bytes)")
    lines(costs.kept(one) for one in found["parity"])
    print(f"the field uses {found['net'] or 'linear prediction alone'}, then {', '.join(found['fallbacks'])}")
    print(f"it needs this key once: {shown(found['public_key'])}")


def profiled(found: dict[str, Any]) -> None:
    print(f"{shown(found['name'])} ({found['net']}): {found['parameters']} weights, a step of training "
          f"{found['step_ms']:.0f} ms, peak {found['peak_memory_mb']:.0f} MB in this office")  # fmt: skip
    table(costs.SIZES, costs.sizes(found), "")
    print(costs.EXPLAINED)
    table(costs.KINDS, costs.kinds(found), "")
