// While htmx waits for an answer, what it will replace is busy, and the place that says so is filled: those who hear the
// page hear it, and those who see it see it. An answer that was overtaken by another is waited for by nobody.
const asking = new Map();

const place = (source) => document.querySelector(source?.closest?.("[hx-indicator]")?.getAttribute("hx-indicator") || "_");

const waits = (more) => (event) => {
  const { target, sourceElement } = event.detail.ctx ?? {};
  if (target instanceof Element) target.toggleAttribute("aria-busy", false);
  if (target instanceof Element && more > 0) target.setAttribute("aria-busy", "true");
  const said = place(sourceElement);
  if (!said) return;
  asking.set(said, Math.max(0, (asking.get(said) ?? 0) + more));
  said.textContent = asking.get(said) ? said.dataset.says : "";
};

document.addEventListener("htmx:before:request", waits(1));
document.addEventListener("htmx:finally:request", waits(-1));
