import { ask, refused, type Refused, type Reply } from './ask';

interface Challenge<Options> {
  id: string;
  publicKey: Options;
}

/** Whether this browser knows passkeys, and their options as JSON. */
export function passkeysWork(): boolean {
  return typeof PublicKeyCredential !== 'undefined' && 'parseRequestOptionsFromJSON' in PublicKeyCredential;
}

/** Signs in with a passkey that the person chooses; the device asks for it. */
export async function signInWithPasskey<Body>(): Promise<Reply<Body>> {
  const begun = await ask<Challenge<PublicKeyCredentialRequestOptionsJSON>>('/auth/passkey/options', {});
  if (begun.is === 'refused') return begun;
  const credential = await fromDevice(() =>
    navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(begun.body.publicKey) }),
  );
  return 'is' in credential ? credential : ask('/auth/passkey/sign-in', { id: begun.body.id, credential: credential.json });
}

/** Makes a passkey on this device, under a name by which its owner will know it again. */
export async function registerPasskey<Body>(label: string): Promise<Reply<Body>> {
  const begun = await ask<Challenge<PublicKeyCredentialCreationOptionsJSON>>('/auth/passkey/register/options', {});
  if (begun.is === 'refused') return begun;
  const credential = await fromDevice(() =>
    navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(begun.body.publicKey) }),
  );
  if ('is' in credential) return credential;
  return ask('/auth/passkey/register', { id: begun.body.id, credential: credential.json, label });
}

async function fromDevice(act: () => Promise<Credential | null>): Promise<{ json: unknown } | Refused> {
  try {
    const made = await act();
    return made instanceof PublicKeyCredential ? { json: made.toJSON() } : refused('PASSKEY_CANCELLED');
  } catch (error) {
    return refused(error instanceof DOMException && error.name === 'InvalidStateError' ? 'PASSKEY_EXISTS' : 'PASSKEY_CANCELLED');
  }
}
