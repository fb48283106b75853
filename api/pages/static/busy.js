// What htmx is about to replace says so meanwhile, to those who hear the page.
const mark = (busy) => (event) => {
  const place = event.detail.ctx?.target;
  if (place instanceof Element) busy ? place.setAttribute("aria-busy", "true") : place.removeAttribute("aria-busy");
};
document.addEventListener("htmx:before:request", mark(true));
document.addEventListener("htmx:finally:request", mark(false));
