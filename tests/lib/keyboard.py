"""A person without a mouse: walks a page with the Tab key, and does what it offers with Enter, Space and letters."""

from __future__ import annotations

from typing import Any, NamedTuple

from playwright.sync_api import Locator, Page

__all__ = ["Keys", "Walk", "from_the_top", "walked"]

_MOST = 1200
_START = """() => {
    const within = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
    const look = one => { const style = getComputedStyle(one);
        return (style.outlineStyle === 'none' ? '' : style.outlineWidth + style.outlineColor) + style.boxShadow };
    window.walk = {
        reached: [], last: null, unseen: [],
        all: () => [...document.querySelectorAll(within)].filter(one => one.checkVisibility() && !one.disabled),
        name: one => one.outerHTML.slice(0, 140),
        left: () => { const { last, focused } = window.walk;
            if (last && last.isConnected && look(last) === focused) window.walk.unseen.push(window.walk.name(last)) },
        step: () => {
            window.walk.left();
            const one = document.activeElement;
            if (one === document.body || window.walk.reached.includes(one)) return '';
            const box = one.getBoundingClientRect();
            const shown = box.width && box.height && box.right > 0 && box.bottom > 0
                && box.left < innerWidth && box.top < innerHeight;
            if (!shown) window.walk.unseen.push('outside what is seen: ' + window.walk.name(one));
            window.walk.reached.push(one); window.walk.last = one; window.walk.focused = look(one);
            return one.tagName === 'SUMMARY' && !one.parentElement.open ? 'closed' : 'on';
        },
        told: () => { const all = window.walk.all();
            const reached = window.walk.reached.filter(one => all.includes(one));
            const inGroup = one => one.type === 'radio' && reached.some(other => other.name === one.name);
            return { missed: all.filter(one => !reached.includes(one) && !inGroup(one)).map(window.walk.name),
                ordered: all.filter(one => reached.includes(one)).every((one, n) => one === reached[n]),
                unseen: window.walk.unseen, stops: reached.length,
                first: window.walk.name(reached[0] ?? document.body) } },
    } }"""


class Walk(NamedTuple):
    """What a walk through a whole page found: `missed` was never reached, `unseen` did not show that it had focus."""

    first: str
    stops: int
    ordered: bool
    missed: list[str]
    unseen: list[str]


def from_the_top(page: Page) -> None:
    """The next Tab is the first of the page, wherever the focus was."""
    page.evaluate(
        """() => { const body = document.body;
            body.tabIndex = -1; body.focus(); body.removeAttribute('tabindex'); body.blur(); scrollTo(0, 0) }"""
    )


def walked(page: Page) -> Walk:
    """Tab from the top until the page is left or begins anew, opening with Enter or Space what is closed on the way.

    What is opened is walked through too. Of buttons of which one can be chosen, one is enough: arrows lead to the
    others. A trap would end the walk early: what stands after it is then `missed`.
    """
    from_the_top(page)
    page.evaluate(_START)
    for step in range(_MOST):
        page.keyboard.press("Tab")
        state: str = page.evaluate("() => window.walk.step()")
        if not state:
            break
        if state == "closed":
            page.keyboard.press("Enter" if step % 2 else "Space")
            assert page.evaluate("() => document.activeElement.parentElement.open"), "neither Enter nor Space opens it"
    told: dict[str, Any] = page.evaluate("() => window.walk.told()")
    return Walk(**told)


class Keys(NamedTuple):
    """The keyboard on one page."""

    page: Page

    def to(self, wanted: Locator) -> None:
        """Tab until `wanted` has the focus."""
        element = wanted.element_handle()
        for _ in range(_MOST):
            if self.page.evaluate("one => document.activeElement === one", element):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"Tab does not reach {wanted}")

    def press(self, wanted: Locator, key: str = "Enter") -> None:
        """Go there and press `key`."""
        self.to(wanted)
        self.page.keyboard.press(key)

    def write(self, wanted: Locator, text: str) -> None:
        """Go there and write `text` instead of what stands there; in a list, choose the first that begins with it.

        There one letter is safest: a list forgets the letter before when the next one is slow to come.
        """
        self.to(wanted)
        if wanted.evaluate("one => one.tagName !== 'SELECT'"):
            self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)
