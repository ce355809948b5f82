// What the browser runs: plain JavaScript in a text, because it is the browser's and not the component's.
export const script = `
const byId = (id) => document.getElementById(id);
const money = new Intl.NumberFormat("en", { style: "currency", currency: "EUR" });
const when = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "short" });

function element(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

function say(text, bad = false) {
  byId("message").textContent = text;
  byId("message").classList.toggle("bad", bad);
}

async function showPrices() {
  const response = await fetch("/pricing");
  const { version, prices, discount } = await response.json();
  byId("pricing-version").textContent = discount ? "list " + version + ", " + discount + " % off" : "list " + version;
  byId("pricing-version").hidden = false;
  byId("prices").replaceChildren(...prices.map(({ item, price, before }) => {
    const shown = element("span", { className: "price" }, money.format(price));
    if (before) shown.append(element("del", {}, money.format(before)));
    const order = element("button", { type: "button" }, "Order one");
    order.addEventListener("click", () => place(item, order));
    return element("li", {}, element("span", { className: "name" }, item), shown, order);
  }));
}

/** Calls the orders service with the token; answers undefined after saying what went wrong. */
async function orders(options = {}) {
  const token = byId("token").value.trim();
  if (token === "") return void say("A token is needed: npm run demo -- --token prints one.", true);
  const headers = { ...options.headers, authorization: "Bearer " + token };
  const response = await fetch("/api/orders", { ...options, headers });
  const answer = await response.json().catch(() => ({}));
  if (response.ok) return answer;
  say("Not accepted (" + response.status + "): " + (answer.message ?? answer.error ?? "no reason given"), true);
}

async function showOrders() {
  const answer = await orders();
  if (answer === undefined) return;
  sessionStorage.setItem("token", byId("token").value.trim());
  const rows = answer.orders.map(({ id, item, quantity, ordered }) =>
    element("tr", {}, ...[id, item, quantity, when.format(new Date(ordered))].map((text) => element("td", {}, String(text)))));
  byId("orders").tBodies[0].replaceChildren(...rows);
  byId("orders").hidden = rows.length === 0;
  say(rows.length === 0 ? "No orders yet, " + answer.customer + "." : answer.count + " orders, " + answer.pieces + " pieces, for " + answer.customer + ".");
}

async function place(item, button) {
  button.disabled = true;
  const headers = { "content-type": "application/json" };
  const answer = await orders({ method: "POST", headers, body: JSON.stringify({ item, quantity: 1 }) });
  button.disabled = false;
  if (answer !== undefined) await showOrders();
}

const failed = (what) => (error) => say(what + " could not be loaded: " + error.message, true);
byId("sign-in").addEventListener("submit", (event) => {
  event.preventDefault();
  showOrders().catch(failed("Orders"));
});
byId("token").value = sessionStorage.getItem("token") ?? "";
showPrices().catch(failed("Prices"));
if (byId("token").value !== "") showOrders().catch(failed("Orders"));
`;
