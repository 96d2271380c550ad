// A form's fields as a list that can be kept, and back. Files, the token and the marks of a save are not part of it.
const OUTSIDE = ["csrf_token", "saw", "page", "step", "draft_key", "do"];

export const fieldsOf = (form) => [...new FormData(form)].filter(([name, value]) => typeof value === "string" && !OUTSIDE.includes(name));

// Hidden fields name rows of the server: what a page brings is newer, only empty ones are filled. What a page has no
// field for (the further sizes of a piece, on a page without them) goes along unseen.
export function fill(form, fields) {
  const left = new Map();
  for (const [name, value] of fields) left.set(name, [...(left.get(name) ?? []), value]);
  for (const element of form.elements) {
    const { name, type } = element;
    if (!name || OUTSIDE.includes(name) || ["file", "submit", "button"].includes(type)) continue;
    const values = left.get(name) ?? [];
    if (type === "checkbox" || type === "radio") element.checked = values.includes(element.value);
    else if (type === "select-multiple") for (const option of element.options) option.selected = values.includes(option.value);
    else if (values.length && (type !== "hidden" || !element.value)) element.value = values[0];
  }
  for (const [name, values] of left)
    if (!form.elements[name]) for (const value of values) form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
}

export function setHidden(form, values) {
  for (const [name, value] of Object.entries(values)) {
    let input = form.querySelector(`input[type=hidden][name="${name}"]`);
    if (!input) form.append((input = Object.assign(document.createElement("input"), { type: "hidden", name })));
    input.value = value;
  }
}
