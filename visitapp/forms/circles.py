"""Finding what goes in a circle: the strongly connected components of a graph, without recursion."""

from collections.abc import Mapping, Sequence


def components(edges: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """The number of each node's component; nodes of the same number reach each other (Tarjan's algorithm)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    component: dict[str, int] = {}
    stack: list[str] = []
    for start in edges:
        if start in index:
            continue
        work = [(start, iter(edges[start]))]
        index[start] = low[start] = len(index)
        stack.append(start)
        while work:
            here, onwards = work[-1]
            step = next(onwards, None)
            if step is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[here])
                if low[here] == index[here]:
                    _close(here, stack, component)
            elif step not in index:
                index[step] = low[step] = len(index)
                stack.append(step)
                work.append((step, iter(edges[step])))
            elif step not in component:
                low[here] = min(low[here], index[step])
    return component


def _close(root: str, stack: list[str], component: dict[str, int]) -> None:
    number = component[stack[-1]] = len(component)
    while stack.pop() != root:
        component[stack[-1]] = number
