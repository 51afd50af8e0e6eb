"""Brings the interface's third-party files into static/vendor/ from npm, the same bytes each time (`make vendor`).

Each package is pinned by version and by the SHA-512 of its tarball. What is made of them (the part of Tabler
that we use, the sprite of our icons) is made here by fixed rules, so a second run changes no byte.
"""

import base64
import hashlib
import json
import re
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from srexpert.web.icons import OUTLINE

STATIC = Path(__file__).resolve().parent.parent / "static"


@dataclass(frozen=True)
class Package:
    """One npm package: what we take from it, and where it goes under static/."""

    name: str
    version: str
    licence: str
    integrity: str
    files: dict[str, str] = field(default_factory=dict)


PACKAGES = (
    Package(
        "@tabler/core", "1.6.1", "MIT",
        "sha512-lgmR9gcxRp5JlLxcmRi9Rz85JrEvH6Bz71KnlcPVSa97wtwQNjgSs3g3fxwbAlulHyRMghhIV04QUuW3pqDsIg==",
        {"dist/css/tabler.min.css": "vendor/tabler/tabler.css"},
    ),
    Package(
        "@tabler/icons", "3.52.0", "MIT",
        "sha512-dldKlJNfO/gZnGLcIY0X2EFFKIMGwL/rEvTqglvBgAPFiwj9pZOCN5V3Sf0Gyjq6foX4VQmLdOmsS4w5FdWKAw==",
        {"LICENSE": "vendor/tabler/LICENSE-icons"},
    ),
    Package(
        "htmx.org", "2.0.11", "0BSD",
        "sha512-Thx/WtpeOQqSrqBCw/A1cwGJGg4UrVa3+sW0GmrM3p4gJgO89ecH4qtbnyzDDWFvBTqjnIMCgELTNt636dtamA==",
        {"dist/htmx.min.js": "vendor/htmx/htmx.min.js", "LICENSE": "vendor/htmx/LICENSE"},
    ),
    Package(
        "@fontsource-variable/inter", "5.3.0", "OFL-1.1",
        "sha512-OupL48va4JNofb97w6NYeF9S7W/kHNKM0Er8Dem5nqi4jeOLrVJDoE8tZEpnMJmtkvNbB1EIPPwHcdkF6b1oUA==",
        {
            "files/inter-latin-wght-normal.woff2": "vendor/fonts/inter-latin.woff2",
            "files/inter-latin-ext-wght-normal.woff2": "vendor/fonts/inter-latin-ext.woff2",
            "LICENSE": "vendor/fonts/LICENSE-inter",
        },
    ),
    Package(
        "@fontsource-variable/jetbrains-mono", "5.3.0", "OFL-1.1",
        "sha512-F32xpS2NsGYoQi2ADSkKTgpJj7ozajsGgDJ8woTnqjmIB+dxDIqImjl4pXZVEExu8UFZ2ndhmX18EBS/hdz3Lw==",
        {
            "files/jetbrains-mono-latin-wght-normal.woff2": "vendor/fonts/jetbrains-mono-latin.woff2",
            "files/jetbrains-mono-latin-ext-wght-normal.woff2": "vendor/fonts/jetbrains-mono-latin-ext.woff2",
            "LICENSE": "vendor/fonts/LICENSE-jetbrains-mono",
        },
    ),
)  # fmt: skip

# The part of Tabler that the interface stands on. A class that is not named here is not on our pages:
# the whole stylesheet is five times as large, and most of it paints things that we draw ourselves.
TABLER_FAMILIES = re.compile(
    r"""^(
      container(-(fluid|tight|narrow|sm|md|lg|xl|xxl))? | row(-cols.*|-cards|-deck)? | col(-.*)? | g[xy]?-\d | order-\d
    | btn | btn-(primary|link|icon|list|sm|lg|square) | disabled
    | card | card-(header|title|subtitle|body|footer|actions)
    | form-(control|select|check|check-input|check-label|label|hint|text|fieldset)(-sm|-lg)? | required
    | input-group | input-group-text | is-invalid | invalid-feedback
    | breadcrumb | breadcrumb-item | active
    | d-(none|inline|inline-block|block|flex|inline-flex|grid) | d-(sm|md|lg|xl)-(none|inline|block|flex|grid)
    | flex-(row|column|wrap|nowrap|fill) | flex-(grow|shrink)-[01] | align-items-.* | align-self-.* | justify-content-.*
    | gap-[0-5] | [mp][tbsexy]?-(auto|[0-5]) | w-(100|auto|50) | h-(100|auto)
    | text-(start|end|center|nowrap|wrap|break|truncate) | fw-(normal|medium|bold) | font-monospace
    | position-(relative|absolute|sticky) | overflow-(auto|hidden) | visually-hidden(-focusable)? | list-unstyled
    )$""",
    re.VERBOSE,
)
# Variables of palettes, themes and components that we neither show nor allow.
TABLER_UNUSED_VARIABLES = re.compile(
    r"--tblr-(facebook|twitter|linkedin|google|youtube|vimeo|dribbble|github|instagram|pinterest|vk|rss|flickr|bitbucket"
    r"|tabler|x|meta|gray-\d+|(blue|azure|indigo|purple|pink|red|orange|yellow|lime|green|teal|cyan)(-\w+)*)(-rgb|-fg|-lt(-rgb)?)?:[^;}]*;?"
)


def blocks(css: str) -> Iterator[tuple[str, str | None]]:
    """The rules of a stylesheet, one level deep: (prelude, body), or (statement, None) for one without a body."""
    position, length = 0, len(css)
    while position < length:
        start, depth, opened = position, 0, -1
        while position < length:
            character = css[position]
            if css.startswith("/*", position):
                position = css.index("*/", position) + 1
            elif character in "\"'":
                position = css.index(character, position + 1)
            elif character == "{":
                opened = position if depth == 0 else opened
                depth += 1
            elif (character == "}" and (depth := depth - 1) == 0) or (character == ";" and depth == 0):
                break
            position += 1
        position += 1
        if opened >= 0:
            yield css[start:opened].strip(), css[opened + 1 : position - 1]
        elif css[start:position].strip():
            yield css[start:position].strip(), None


def split_selectors(prelude: str) -> list[str]:
    """Cuts at the commas that stand outside brackets, so that `:is(a, b)` stays whole."""
    return [part.strip() for part in re.split(r",(?![^(\[]*[)\]])", prelude) if part.strip()]


def keeps_selector(selector: str) -> bool:
    """Whether every class of the selector belongs to a family that we use, in either theme."""
    if "data-bs-theme" in selector or "[dir=rtl]" in selector:
        return False
    return all(TABLER_FAMILIES.match(name) for name in re.findall(r"\.([A-Za-z][\w-]*)", selector))


def subset(css: str) -> str:
    """The rules of a stylesheet whose selectors we use; groups (@media, @supports) are kept where something is left."""
    kept: list[str] = []
    for prelude, body in blocks(css):
        if body is None or prelude.startswith(("@font-face", "@keyframes", "@page", "@media print")):
            continue
        if prelude.startswith("@"):
            if inner := subset(body):
                kept.append(f"{prelude}{{{inner}}}")
            continue
        if selectors := [s for s in split_selectors(prelude) if keeps_selector(s)]:
            kept.append(f"{','.join(selectors)}{{{body}}}")
    return "".join(kept)


def tabler(css: str) -> str:
    """Tabler's stylesheet, cut to what we use, in a cascade layer of its own so that our rules win without a fight.

    Pictures in `data:` addresses go: the content security policy would refuse them, and our controls draw their own.
    """
    notice = re.search(r"/\*!.*?\*/", css, re.DOTALL)
    body = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL).removeprefix('@charset "UTF-8";')
    body = TABLER_UNUSED_VARIABLES.sub("", subset(body))
    body = re.sub(r"""url\(\s*(?:"data:[^"]*"|'data:[^']*'|data:[^)]*)\s*\)""", "none", body)
    return f"{notice.group() if notice else ''}\n@layer tabler{{{body}}}\n"


def sprite(drawings: dict[str, str]) -> str:
    """One SVG with a symbol for each icon (name → Tabler's file); ink and stroke come from the page."""
    symbols = []
    for name, drawing in sorted(drawings.items()):
        shapes = re.search(r"<svg[^>]*>(.*)</svg>", drawing, re.DOTALL)
        if shapes is None:
            msg = f"{name} is not an SVG picture"
            raise ValueError(msg)
        inner = re.sub(r'<path stroke="none" d="M0 0h24v24H0z" fill="none" ?/>', "", shapes.group(1))
        inner = re.sub(r"\s*\n\s*", "", inner).replace(" />", "/>")
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{inner}</symbol>')
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"


def fetch(package: Package, folder: Path) -> Path:
    """Packs one package with npm, checks its SHA-512, unpacks it; raises ValueError when the bytes are not the pinned ones."""
    packed = subprocess.run(
        ["npm", "pack", f"{package.name}@{package.version}", "--pack-destination", str(folder), "--silent"],
        check=True, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    tarball = folder / packed.stdout.split()[-1]
    found = "sha512-" + base64.b64encode(hashlib.sha512(tarball.read_bytes()).digest()).decode()
    if found != package.integrity:
        msg = f"{package.name} {package.version}: the tarball's {found} is not the pinned {package.integrity}"
        raise ValueError(msg)
    target = folder / re.sub(r"\W+", "-", package.name)
    with tarfile.open(tarball) as archive:
        archive.extractall(target, filter="data")
    return target / "package"


def write(path: Path, content: bytes) -> dict[str, str | int]:
    """Writes one file and gives its entry for the manifest."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return {
        "path": path.relative_to(STATIC).as_posix(),
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }


CHANGES: dict[str, Callable[[str], str]] = {
    "dist/css/tabler.min.css": tabler,
    # The source map stays away, and a storage that checks references would miss it.
    "dist/htmx.min.js": lambda script: re.sub(r"\n?//# sourceMappingURL=\S+", "", script),
}


def vendor() -> dict[str, object]:
    """Fetches all packages, writes their files and the manifest; gives the manifest."""
    entries = []
    with tempfile.TemporaryDirectory() as folder:
        for package in PACKAGES:
            root = fetch(package, Path(folder))
            written = []
            for source, target in package.files.items():
                content = (root / source).read_bytes()
                if change := CHANGES.get(source):
                    content = change(content.decode()).encode()
                written.append(write(STATIC / target, content))
            if package.name == "@tabler/icons":
                drawings = {
                    name: (root / "icons" / "outline" / f"{name}.svg").read_text() for name in OUTLINE
                }
                written.append(write(STATIC / "icons.svg", sprite(drawings).encode()))
            entries.append(
                {
                    "name": package.name,
                    "version": package.version,
                    "licence": package.licence,
                    "integrity": package.integrity,
                    "files": written,
                }
            )
    manifest: dict[str, object] = {"packages": entries}
    (STATIC / "vendor" / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")
    return manifest


def main() -> int:
    """Vendors everything; exit code 2 with one line on stderr when npm or a checksum fails."""
    try:
        vendor()
    except (ValueError, OSError, subprocess.SubprocessError) as error:
        sys.stderr.write(f"vendoring stopped: {error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
