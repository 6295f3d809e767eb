/** What is read aloud of a public key: twelve hexadecimal digits of SHA256(dec(X)), by four. */
const fingerprint = async (X) => hex(await sha256(String(X))).slice(0, 12).match(/.{4}/g).join(" ");

/**
 * A pair of keys: X = G^x; proof of possession A = G^w, ch = H("pok|BELENIOS-2048|X|"; A),
 * resp = w − x·ch. Both files are those of belenios-tool.
 */
const makeKey = async () => {
  const x = random(), X = g(x), w = random();
  const ch = await H(`pok|BELENIOS-2048|${X}|`, g(w));
  const publicKey = JSON.stringify({ pok: proof(ch, modQ(w - x * ch)), public_key: String(X) });
  return { secret: JSON.stringify(String(x)) + "\n", publicKey, print: await fingerprint(X) };
};

/** Reads a private key file: a JSON string of digits, x < Q. The errors say only "key". */
const readKey = (file) => {
  try {
    const x = number(JSON.parse(file), "key");
    if (x > 0n && x < Q) return x;
  } catch { /* said below */ }
  throw new Error("key: not a private key");
};

/** The public key of a private key file, to compare. */
const publicOf = (file) => String(g(readKey(file)));

/**
 * What a key holder gives to open a sum. For each ciphertext (α, β) of the tally:
 * F = α^x; A = G^w, B = α^w, ch = H("decrypt|φ|X|"; A,B), resp = w − x·ch. Each α is
 * checked to be in the group first: elsewhere, α^x would tell something of x.
 * @param {{secret: string, raw: string, print?: string, sum: string, expected: string}} given
 * @param {(done: number, all: number) => void} progress
 */
const openSum = async ({ secret, raw, print, sum, expected }, progress) => {
  const x = readKey(secret), X = String(g(x));
  if (expected && X !== expected) throw new Error("key: another holder's");
  const { phi, questions } = await readElection(raw, print);
  const tally = JSON.parse(sum);
  if (tally.length !== questions.length || tally.some((row, i) => row.length !== cellsOf(questions[i]))) throw new Error("tally: another shape");
  const all = tally.reduce((n, row) => n + row.length, 0);
  const decryption_factors = [], decryption_proofs = [];
  let done = 0;
  for (const row of tally) {
    const factors = [], proofs = [];
    for (const cell of row) {
      const alpha = element(cell.alpha, "tally"), w = random();
      factors.push(String(power(alpha, x)));
      const ch = await H(`decrypt|${phi}|${X}|`, g(w), power(alpha, w));
      proofs.push(proof(ch, modQ(w - x * ch)));
      progress(++done, all);
    }
    decryption_factors.push(factors);
    decryption_proofs.push(proofs);
  }
  return JSON.stringify({ decryption_factors, decryption_proofs });
};
