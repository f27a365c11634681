"""Checks the links of the repository's documents, as GitHub shows them, and of the built book: each leads to a file and an anchor that are there.
Links to other places are not followed; their form is looked at.

links.py REPOSITORY BOOK
"""

import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

ROOT, BOOK = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
DOCUMENTS = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", *(str(path.relative_to(ROOT)) for path in ROOT.glob("docs/*.md"))]
CODE = re.compile(r"(?ms)^(\s*)(`{3,})[^\n]*\n.*?^\s*\2[ ]*$|(`+)(?!`).+?(?<!`)\3(?!`)")


class Page(HTMLParser):
    """The links and the anchors of a page of the book."""

    def __init__(self, path):
        super().__init__()
        self.links, self.anchors = [], set()
        self.feed(path.read_text())

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            if name in ("href", "src") and value:
                self.links.append(value)
            elif name in ("id", "name"):
                self.anchors.add(value)


class Document:
    """The links and the anchors of a Markdown document, anchors as GitHub makes them."""

    def __init__(self, path):
        text = path.read_text()
        prose = CODE.sub(lambda code: "code" if "\n" not in code[0] else "", text)
        self.links = re.findall(r"\]\(<?([^()\s>]+)>?\)", prose) + re.findall(r"(?m)^\[[^\]]+\]:\s*(\S+)", prose) + re.findall(r"<(https?:[^>]*)>", prose)
        self.anchors, seen = set(), {}
        fenced = re.sub(r"(?ms)^```.*?^```$", "", text)
        for heading in re.findall(r"(?m)^#{1,6} (.+)$", fenced):
            slug = re.sub(r"[^\w\- ]", "", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()).replace(" ", "-")
            count = seen[slug] = seen.get(slug, -1) + 1
            self.anchors.add(f"{slug}-{count}" if count else slug)


def mistake(link, page, read, root):
    """What is wrong with a link, or nothing."""
    parts = urlsplit(link)
    if parts.scheme in ("http", "https"):
        return None if re.fullmatch(r"[a-z0-9.-]+\.[a-z]{2,}(:\d+)?", parts.netloc, re.I) else "no such host can be"
    if parts.scheme:
        return None if parts.scheme in ("mailto", "data") else "an odd scheme"
    target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
    if not target.is_relative_to(root):
        return "it leads out of the repository"
    if not target.exists():
        return "it leads nowhere"
    if parts.fragment and target.suffix in (".md", ".html") and unquote(parts.fragment) not in read(target).anchors:
        return "there is no such heading"
    return None


def check(pages, kind, root):
    cache = {}
    read = lambda path: cache.setdefault(path, kind(path)) if path not in cache else cache[path]
    links = [(page, link) for page in pages for link in read(page).links]
    wrong = [(page, link, why) for page, link in links if (why := mistake(link, page, read, root))]
    for page, link, why in sorted(set(wrong)):
        print(f"{page.relative_to(root)}: {link}: {why}")
    print(f"{len(pages)} pages, {len(links)} links, {len(wrong)} of them wrong")
    return not wrong and len(links) > len(pages)


sources = [ROOT / path for path in DOCUMENTS] + sorted(ROOT.glob("rules/*.md"))
# The page for addresses that don't exist is written for the root of a site.
built = [page for page in sorted(BOOK.rglob("*.html")) if page.name not in ("404.html", "toc.html")]
good = [check(sources, Document, ROOT), check(built, Page, BOOK)]
sys.exit(not all(good))
