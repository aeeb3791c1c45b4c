// Buttons that start something.

/** The handler of a click that starts something: the second click of a double click is no second order. */
export function startOnce(start) {
  return (event) => {
    if (event.detail < 2) return start(event);
    event.preventDefault();
    return undefined;
  };
}
