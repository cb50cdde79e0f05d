"""Prints the tables of what is assured: `make assurance`."""

import csv
from collections import Counter
from pathlib import Path

TABLES = Path(__file__).parents[2] / "resources" / "assurance"


def rows(name: str) -> list[dict[str, str]]:
    """The rows of one table."""
    with (TABLES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def page() -> str:
    """Both tables as Markdown: how many answers of each kind, then row by row."""
    asvs, hazards = rows("asvs-5.0.csv"), rows("hazards.csv")
    counts = Counter(row["answer"] for row in asvs)
    lines = ["# What is assured", "", f"OWASP ASVS 5.0.0, levels 1 and 2: {len(asvs)} requirements;"]
    lines.append(", ".join(f"{number} {answer}" for answer, number in counts.most_common()) + ".")
    lines += ["", "| requirement | level | about | answer | why, or shown by |", "| --- | --- | --- | --- | --- |"]
    for row in asvs:
        shown = "; ".join(part for part in (row["reason"], _named(row["tests"])) if part)
        lines.append(f"| {row['requirement']} | {row['level']} | {row['about']} | {row['answer']} | {shown} |")
    lines += ["", "| hazard | about | severity before | held back by | shown by | stays open |", "| --- " * 6 + "|"]
    for row in hazards:
        told = (row["hazard"], row["about"], row["severity"], row["control"], _named(row["tests"]), row["open"])
        lines.append(f"| {' | '.join(told)} |")
    return "\n".join(lines)


def _named(tests: str) -> str:
    return ", ".join(f"`{test}`" for test in tests.split())


if __name__ == "__main__":
    print(page())
