// Lets the browser answer what a form asks of a passkey, then sends the form.
const form = document.querySelector("form[data-passkey]");
const field = (name) => form.querySelector(`[name="${name}"]`);
const error = form.querySelector("[data-passkey-error]");
const button = form.querySelector("button[type=submit]");

const answer = async () => {
  const options = JSON.parse(form.dataset.options);
  const credential = form.dataset.passkey === "create"
    ? await navigator.credentials.create({
      publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options),
    })
    : await navigator.credentials.get({
      publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options),
    });
  return JSON.stringify(credential);
};

const explain = (reason) => {
  if (!window.PublicKeyCredential?.parseRequestOptionsFromJSON) {
    return isSecureContext
      ? "This browser is too old for passkeys. Update it, or sign in another way."
      : "Passkeys work on encrypted pages and on localhost alone.";
  }
  if (reason.name === "InvalidStateError") return "This key is registered already.";
  if (reason.name === "NotAllowedError") return "No passkey was given. Try again.";
  if (reason.name === "SecurityError") return "Passkeys belong to another address of this server.";
  return `The browser did not give a passkey (${reason.name}). Try again.`;
};

const ask = async () => {
  button.disabled = true;
  error.textContent = "";
  try {
    field("credential").value = await answer();
    form.submit();
  } catch (reason) {
    error.textContent = explain(reason);
    button.disabled = false;
  }
};

form.addEventListener("submit", (event) => {
  event.preventDefault();
  ask();
});
// The person has just asked for it on the page before.
ask();
