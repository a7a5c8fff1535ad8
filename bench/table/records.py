"""What was measured, a JSON line each, so that a run can be stopped and resumed. Medians."""

import json
import statistics


class Records:
    """The measurements in a file; `add` appends to it."""

    def __init__(self, path):
        self.path = path
        self.lines = []
        if path.exists():
            self.lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]

    def has(self, row, contender, point, round_number):
        """Whether that was measured; what failed may be tried again."""
        return any(line["round"] == round_number for line in self.of(row, contender, point))

    def add(self, **line):
        self.lines.append(line)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with open(self.path, "a", encoding="utf-8") as out:
            out.write(json.dumps(line) + "\n")

    def of(self, row, contender, point=None):
        """The measurements of a contender in a row, failed ones left out."""
        return [line for line in self.lines
                if line["row"] == row and line["contender"] == contender
                and (point is None or line["point"] == point) and "figures" in line]

    def median(self, row, contender, figure, point=None):
        """The median of a figure over all rounds; None where there is none."""
        values = self.values(row, contender, figure, point)
        return statistics.median(values) if values else None

    def values(self, row, contender, figure, point=None):
        lines = self.of(row, contender, point)
        return [line["figures"][figure] for line in lines
                if line["figures"].get(figure) is not None]

    def failures(self):
        """The failed measurements of what has no figures."""
        return [line for line in self.lines if "failure" in line
                and not self.of(line["row"], line["contender"], line["point"])]
