"""A line chart as SVG, written by hand: axes with round numbers, lines, a legend. Knows nothing of
what it shows."""

import math
from html import escape

WIDTH, HEIGHT = 860, 440
LEFT, RIGHT, TOP, BOTTOM = 70, 230, 46, 56
COLORS = ["#666666", "#b8860b", "#2e7d32", "#1565c0", "#c62828"]
TICKS = 6
LOG_STEPS = [1, 2, 5]


class Axis:
    """One axis: from a value to a place and back to round numbers."""

    def __init__(self, values, start, end, is_log):
        self.start, self.end, self.is_log = start, end, is_log
        low, high = min(values), max(values)
        if is_log:
            self.low, self.high = low / 1.15, high * 1.15
        else:
            self.low, self.high = 0, (high or 1) * 1.1

    def place(self, value):
        if self.is_log:
            share = math.log(value / self.low) / math.log(self.high / self.low)
        else:
            share = (value - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)

    def ticks(self):
        if self.is_log:
            powers = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
            found = [step * 10.0**power for power in powers for step in LOG_STEPS]
            return [value for value in found if self.low <= value <= self.high]
        rough = self.high / TICKS
        power = 10.0 ** math.floor(math.log10(rough))
        step = next(power * times for times in (1, 2, 5, 10) if power * times >= rough)
        return [step * number for number in range(int(self.high / step) + 1)]


class Chart:
    """Lines over common axes."""

    def __init__(self, title, x_title, y_title, is_log_x=False, is_log_y=False):
        self.title, self.x_title, self.y_title = title, x_title, y_title
        self.is_log_x, self.is_log_y = is_log_x, is_log_y
        self.lines = []

    def add(self, name, points, color, is_dashed=False):
        if points:
            self.lines.append((name, points, COLORS[color % len(COLORS)], is_dashed))

    def has_points(self):
        return bool(self.lines)

    def svg(self):
        points = [point for _, points, _, _ in self.lines for point in points]
        x_axis = Axis([x for x, _ in points], LEFT, WIDTH - RIGHT, self.is_log_x)
        y_axis = Axis([y for _, y in points], HEIGHT - BOTTOM, TOP, self.is_log_y)
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
            'font-family="sans-serif" font-size="12">',
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
            text(LEFT, 24, self.title, size=15),
            text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 14, self.x_title, "middle"),
            f'<g transform="rotate(-90 18 {HEIGHT / 2})">'
            + text(18, HEIGHT / 2, self.y_title, "middle") + "</g>",
            *grid(x_axis, y_axis)]
        for place, line in enumerate(self.lines):
            parts += drawn(line, x_axis, y_axis) + legend(line, TOP + 8 + 19 * place)
        return "\n".join([*parts, "</svg>"]) + "\n"


def grid(x_axis, y_axis):
    parts = []
    for value in x_axis.ticks():
        x = x_axis.place(value)
        parts.append(stroke([(x, TOP), (x, HEIGHT - BOTTOM)], "#e4e4e4"))
        parts.append(text(x, HEIGHT - BOTTOM + 18, spelled(value), "middle"))
    for value in y_axis.ticks():
        y = y_axis.place(value)
        parts.append(stroke([(LEFT, y), (WIDTH - RIGHT, y)], "#e4e4e4"))
        parts.append(text(LEFT - 8, y + 4, spelled(value), "end"))
    frame = [(LEFT, TOP), (LEFT, HEIGHT - BOTTOM), (WIDTH - RIGHT, HEIGHT - BOTTOM)]
    return [*parts, stroke(frame, "#444444")]


def drawn(line, x_axis, y_axis):
    _, points, color, is_dashed = line
    places = [(x_axis.place(x), y_axis.place(y)) for x, y in points]
    parts = [stroke(places, color, 2, is_dashed)]
    if len(places) <= 20:
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.6" fill="{color}"/>' for x, y in places]
    return parts


def legend(line, y):
    name, _, color, is_dashed = line
    x = WIDTH - RIGHT + 14
    return [stroke([(x, y), (x + 26, y)], color, 2, is_dashed), text(x + 33, y + 4, name)]


def stroke(points, color, width=1, is_dashed=False):
    places = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dash = ' stroke-dasharray="5 4"' if is_dashed else ""
    return (f'<polyline points="{places}" fill="none" stroke="{color}" '
            f'stroke-width="{width}"{dash}/>')


def text(x, y, words, anchor="start", size=12):
    return (f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}">'
            f"{escape(words)}</text>")


def spelled(value):
    return f"{value:,.0f}" if value >= 10 else f"{value:g}"
