// Where the browser can, passkeys are offered in the field of the email address. Whoever picks one is
// signed in; whoever does not notices nothing.
const form = document.querySelector("form[data-passkey-offer]");
const field = (name) => form.querySelector(`[name="${name}"]`);
// The question is good for five minutes.
const RENEW_MS = 4 * 60 * 1000;

const offer = async () => {
  const answer = await fetch(form.dataset.passkeyOffer, {
    method: "POST",
    headers: { "x-csrf-token": field("_csrf").value },
  });
  if (!answer.ok) return false;
  const { ceremony, options } = await answer.json();
  const ended = new AbortController();
  const timer = setTimeout(() => ended.abort(), RENEW_MS);
  try {
    const credential = await navigator.credentials.get({
      publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(JSON.parse(options)),
      mediation: "conditional",
      signal: ended.signal,
    });
    field("ceremony").value = ceremony;
    field("credential").value = JSON.stringify(credential);
    form.submit();
    return false;
  } catch {
    // Asked anew when the question was too old; whatever else happened, the button is left.
    return ended.signal.aborted;
  } finally {
    clearTimeout(timer);
  }
};

const can = window.PublicKeyCredential?.parseRequestOptionsFromJSON
  && await PublicKeyCredential.isConditionalMediationAvailable?.();
if (can) {
  while (await offer());
}
