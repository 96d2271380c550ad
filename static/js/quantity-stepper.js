// <quantity-stepper>: minus and plus around a number that can be typed as well.
class QuantityStepper extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", (event) => {
      const button = event.target.closest("[data-step]");
      if (button) this.#move(Number(button.dataset.step));
    });
  }

  #move(step) {
    const input = this.querySelector("input");
    const before = input.value;
    step > 0 ? input.stepUp() : input.stepDown();
    if (input.value !== before) input.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

customElements.define("quantity-stepper", QuantityStepper);
