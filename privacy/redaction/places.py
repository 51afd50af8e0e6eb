"""Where finds stand in a text: bytes to characters, replaced texts back to their input."""

from collections.abc import Iterable, Sequence

from privacy.redaction.spans import Hit, Span, placeholder


def located(text: str, data: bytes, hits: list[Hit], offset: int = 0) -> tuple[Span, ...]:
    """Turn sorted finds in the UTF-8 bytes of a text into spans in characters; no span cuts a character."""
    if len(data) == len(text):
        return tuple(
            Span(hit.type, offset + hit.start, offset + hit.end, placeholder(hit.type)) for hit in hits
        )
    spans: list[Span] = []
    byte = char = 0
    for hit in hits:
        start, end = max(hit.start, byte), hit.end
        while start > byte and data[start] & 0xC0 == 0x80:
            start -= 1
        while end < len(data) and data[end] & 0xC0 == 0x80:
            end += 1
        if start >= end:
            continue  # all of it was in the character that the one before took
        char += len(data[byte:start].decode("utf-8", "surrogatepass"))
        stop = char + len(data[start:end].decode("utf-8", "surrogatepass"))
        spans.append(Span(hit.type, offset + char, offset + stop, placeholder(hit.type)))
        byte, char = end, stop
    return tuple(spans)


def replaced(text: str, spans: Iterable[Span]) -> str:
    """Return the text with each span's placeholder in its place."""
    parts: list[str] = []
    last = 0
    for span in spans:
        parts += (text[last : span.start], span.placeholder)
        last = span.end
    parts.append(text[last:])
    return "".join(parts)


def joined(spans: Sequence[Span], more: Sequence[Span]) -> tuple[Span, ...]:
    """Join spans of a text with spans of its redacted form; those that cover a placeholder take its place."""
    shift = 0
    edges: list[tuple[int, int, Span]] = []  # where each placeholder stands in the redacted text
    for span in spans:
        start = span.start + shift
        edges.append((start, start + len(span.placeholder), span))
        shift += len(span.placeholder) - (span.end - span.start)
    out: list[Span] = []
    index = shift = 0
    for new in more:
        while index < len(edges) and edges[index][1] <= new.start:
            out.append(edges[index][2])
            shift = edges[index][2].end - edges[index][1]
            index += 1
        start, end = new.start + shift, None
        while index < len(edges) and edges[index][0] < new.end:
            first, last, span = edges[index]
            start, end = min(start, span.start) if first < new.start else start, span.end
            shift = span.end - last
            end = max(end, new.end + shift)
            index += 1
        out.append(Span(new.type, start, new.end + shift if end is None else end, new.placeholder))
    out += [span for _, _, span in edges[index:]]
    return tuple(out)
