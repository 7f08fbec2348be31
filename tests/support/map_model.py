"""The published arithmetic of windows and maps, slow and plain, written from its description and from nothing of ours."""

import numpy


def intervals(length, step, offset):
    found, start = [], offset
    while start < length:
        found.append((start, start + step) if start + step < length else (length - step, length))
        start += step
    return found


def v1_windows(height, width, steps):
    return {(*rows, *cols) for step in steps for offset in (0, step - step // 2)
            for rows in intervals(height, step, offset) for cols in intervals(width, step, offset)}


def v2_tiles(height, width):
    return {(*rows, *cols) for rows in intervals(height, 512, 0) for cols in intervals(width, 512, 0)}


def v2_best(similarities):
    """Positions of the highest: the last of a stable ascending sort."""
    order = sorted(range(len(similarities)), key=lambda k: similarities[k])
    return set(order[-(3 * len(similarities) // 20 + 1):])


def v2_boxes(height, width, tiles):
    found = set()
    for top, bottom, left, right in tiles:
        anchors = [(top, left), (top, right), (bottom, left), (bottom, right), (top + 256, left + 256)]
        anchors += [(top + y, left + x) for y in (128, 384) for x in (128, 384)]
        for y, x in anchors:
            for half in (64, 128):
                row, col = max(y - half, 0), max(x - half, 0)
                found.add((row, min(row + 2 * half, height), col, min(col + 2 * half, width)))
    return found


def mean_map(height, width, windows, similarities, uncovered):
    """Mean similarity per pixel; slices mean what they mean in Python, negative starts included."""
    sums, counts = numpy.zeros((height, width)), numpy.zeros((height, width))
    for (top, bottom, left, right), similarity in zip(windows, similarities):
        sums[top:bottom, left:right] += similarity
        counts[top:bottom, left:right] += 1
    return numpy.where(counts > 0, sums / numpy.maximum(counts, 1), uncovered)


def byte_map(mean):
    """trunc(255 q); NaN anywhere makes all of it NaN, and NaN becomes 0."""
    with numpy.errstate(all="ignore"):
        above = mean - mean.min()
        levels = numpy.trunc(255 * (above / above.max()))
    return numpy.where(numpy.isnan(levels), 0, levels).astype(numpy.uint8)


def float_map(mean):
    """0 to 1 where there is a value; a flat map is 0."""
    above = mean - numpy.nanmin(mean)
    return above / numpy.nanmax(above) if numpy.nanmax(above) > 0 else above


def window_counts(marks, size):
    """How many marks the window of each pixel holds, the edge repeated."""
    padded = numpy.pad(marks, size // 2, mode="edge").astype(numpy.int64)
    sums = numpy.pad(padded.cumsum(0).cumsum(1), ((1, 0), (1, 0)))
    return sums[size:, size:] - sums[:-size, size:] - sums[size:, :-size] + sums[:-size, :-size]


def median(values, size):
    """The smallest value that at least half of the valid ones do not exceed; no value stays no value."""
    valid = ~numpy.isnan(values)
    whole, result = window_counts(valid, size), numpy.full(values.shape, numpy.nan)
    for value in numpy.unique(values[valid])[::-1]:
        result[2 * window_counts(valid & (values <= value), size) >= whole] = value
    return numpy.where(valid, result, numpy.nan)


def gaussian_weights(size):
    if size <= 7:
        half = {1: [], 3: [64], 5: [16, 64], 7: [8, 28, 56]}[size]
    else:
        sigma = 0.15 * size + 0.35
        bell = numpy.exp(-(numpy.arange(size) - size // 2) ** 2 / (2 * sigma * sigma))
        half, carried = [], 0.0
        for exact in 256 * bell[:size // 2] / bell.sum():
            half.append(round(exact + carried))
            carried += exact - half[-1]
    return numpy.array([*half, 256 - 2 * sum(half), *half[::-1]])


def mirrored(length, size):
    """For every tap, which pixel each pixel looks at; the edge is not repeated."""
    at = (numpy.arange(length)[None, :] + numpy.arange(size)[:, None] - size // 2) % max(2 * length - 2, 1)
    return numpy.where(at < length, at, 2 * length - 2 - at)


def weighted_sums(values, size):
    weights, (height, width) = gaussian_weights(size), values.shape
    along = sum(weight * values[:, cols] for weight, cols in zip(weights, mirrored(width, size)) if weight)
    return sum(weight * along[rows, :] for weight, rows in zip(weights, mirrored(height, size)) if weight)


def gaussian(values, size):
    """Of bytes: whole numbers, rounded at the end. Of floats: no value weighs nothing."""
    if values.dtype == numpy.uint8:
        return ((weighted_sums(values.astype(numpy.int64), size) + 32768) >> 16).astype(numpy.uint8)
    valid = ~numpy.isnan(values)
    with numpy.errstate(all="ignore"):
        means = weighted_sums(numpy.where(valid, values, 0), size) / weighted_sums(valid.astype(float), size)
    return numpy.where(valid, means, numpy.nan)
