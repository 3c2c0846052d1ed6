"""The glossary's terms on a page as it is, components and charts too, that nothing explains there."""

from playwright.sync_api import Page

from ui.content.glossary import ADDRESS, KEYS, WORD

# A part of the page, the document or one component's, explains a term once: by a link, or by a field's note.
# What is left alone leads elsewhere, has a note of its own, or opens what explains it.
_UNEXPLAINED = """([pattern, keys, address]) => {
    const LEFT_ALONE = "a, code, math, .katex, script, style, summary, .editor button";
    const ELEMENT = "[data-testid=stElementContainer]";
    const words = new RegExp(pattern, "gi");
    const keysIn = (text) => [...text.matchAll(words)].map(([word]) => keys[word.toLowerCase()]);
    const textsIn = (part) => {
        const texts = document.createTreeWalker(part, NodeFilter.SHOW_TEXT);
        const all = [];
        while (texts.nextNode()) all.push(texts.currentNode.data);
        return all.join("\\n");
    };
    const found = [];
    const look = (root, where) => {
        const links = [...root.querySelectorAll(`a[href^="${address}"]`)];
        const noted = [...root.querySelectorAll("[data-testid=stTooltipIcon]")];
        const explained = new Set([
            ...links.map((link) => link.getAttribute("href").slice(address.length)),
            ...noted.flatMap((icon) => keysIn(textsIn(icon.closest(ELEMENT) ?? icon))),
        ]);
        const nodes = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
        for (let node = nodes.nextNode(); node; node = nodes.nextNode()) {
            if (node.shadowRoot) look(node.shadowRoot, node.closest("[class*=st-key-]")?.className ?? "?");
            const place = node.parentElement;
            if (node.nodeType !== Node.TEXT_NODE || !place || place.closest(LEFT_ALONE)) continue;
            const missing = keysIn(node.data).filter((key) => !explained.has(key));
            if (!missing.length || !place.checkVisibility({visibilityProperty: true})) continue;
            found.push(`${missing} in ${where}, ${place.tagName}: ${node.data.trim().slice(0, 80)}`);
        }
    };
    look(document, "the page");
    return found;
}"""


def unexplained(page: Page) -> list[str]:
    """Return where a term stands that nothing explains, once all of the page is there; a sentence each."""
    found: list[str] = []
    for _ in range(10):  # a chart may come before the field beside it
        found = page.evaluate(_UNEXPLAINED, [WORD, KEYS, ADDRESS])
        if not found:
            break
        page.wait_for_timeout(500)
    return found
