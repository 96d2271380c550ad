// What the choice of pieces, or the typed amount, would mean, while it is made: the server says it, the page shows it.
// Without script the next page says the same.
class RefundFigures extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.place = this.querySelector("[data-figures]");
    this.addEventListener("input", () => this.#soon());
    if (this.#isChosen()) this.#soon();
  }
  #isChosen() {
    const says = (name, value) => name === "shipping" || (name.startsWith("count_") && value !== "0") || (name === "amount" && value);
    return [...new FormData(this.form)].some(([name, value]) => says(name, value));
  }
  #soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#ask(), 400);
  }
  async #ask() {
    this.running?.abort();
    this.running = new AbortController();
    const body = new FormData(this.form);
    body.set("step", "figures");
    try {
      const answer = await fetch(this.form.action, { method: "POST", body, signal: this.running.signal });
      if (answer.ok && !answer.redirected) this.place.innerHTML = await answer.text();
    } catch {
      this.place.textContent = ""; // no signal: the next page says it
    }
  }
}
customElements.define("refund-figures", RefundFigures);
