"""The structure of a PDF for screen readers: what is a heading, what is text, in which order it is read."""

from collections.abc import Sequence
from io import BytesIO

import pikepdf
from pikepdf import Array, Dictionary, Name


def with_structure(pdf: bytes, tags: Sequence[Sequence[str]]) -> bytes:
    """`pdf` with a structure tree: for each page the tags of its marked contents 0, 1, 2 … in reading order."""
    out = BytesIO()
    with pikepdf.open(BytesIO(pdf)) as document:
        root = document.make_indirect(Dictionary(Type=Name.StructTreeRoot))
        whole = document.make_indirect(Dictionary(Type=Name.StructElem, S=Name.Document, P=root))
        kids: list[pikepdf.Object] = []
        by_page: list[pikepdf.Object | int] = []
        for number, (page, page_tags) in enumerate(zip(document.pages, tags, strict=True)):
            elements = [_element(document, whole, page.obj, tag, at) for at, tag in enumerate(page_tags)]
            kids.extend(elements)
            by_page += [number, document.make_indirect(Array(elements))]
            page.obj.StructParents = number
            page.obj.Tabs = Name.S
        whole.K = Array(kids)
        root.K = whole
        root.ParentTree = document.make_indirect(Dictionary(Nums=Array(by_page)))
        root.ParentTreeNextKey = len(tags)
        document.Root.StructTreeRoot = root
        document.Root.MarkInfo = Dictionary(Marked=True)
        document.save(out, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return out.getvalue()


def _element(document: pikepdf.Pdf, parent: pikepdf.Object, page: pikepdf.Object, tag: str, number: int) -> pikepdf.Object:
    return document.make_indirect(Dictionary(Type=Name.StructElem, S=Name(f"/{tag}"), P=parent, Pg=page, K=number))
