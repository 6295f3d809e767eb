/** The digits of codes, Base58: neither 0 nor O, neither I nor l. */
const BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/**
 * The code in its canonical form, or "" when it was mistyped. Spaces and dashes are
 * free. Ours has 22 digits with Σ i·d_i ≡ 0 mod 59, so that one wrong digit or two
 * exchanged ones are always seen; that of belenios-tool has 15, the last of which is
 * 53 − (the others, in base 58, mod 53).
 * @param {string} typed
 * @returns {string}
 */
const cleanCode = (typed) => {
  if (utf8(typed).length > 200) return "";
  const code = typed.replace(/[\t-\r \u00a0\u2007\u2009-\u200b\u202f\ufeff\u00ad\u2010-\u2014\u2212-]/g, "");
  const digits = Array.from(code, (c) => BASE58.indexOf(c));
  if (digits.includes(-1)) return "";
  if (digits.length === 22) {
    return digits.reduce((sum, d, i) => sum + (i + 1) * d, 0) % 59 === 0 ? code.match(/.{1,4}/g).join("-") : "";
  }
  if (digits.length !== 15) return "";
  const rest = digits.slice(0, 14).reduce((r, d) => (58 * r + d) % 53, 0);
  return digits[14] === 53 - rest ? code.match(/.{3}/g).join("-") : "";
};

/** s = PBKDF2-HMAC-SHA256(code with its dashes, salt = uuid, 1000 rounds, 32 bytes) mod Q. */
const secretOf = async (code, uuid) => {
  const key = await crypto.subtle.importKey("raw", utf8(code), "PBKDF2", false, ["deriveBits"]);
  const bits = await crypto.subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt: utf8(uuid), iterations: 1000 }, key, 256);
  return integer(new Uint8Array(bits)) % Q;
};

/**
 * Reads election.json. print, if given, is the fingerprint that it must have.
 * @param {string} raw @param {string} [print]
 */
const readElection = async (raw, print) => {
  const phi = base64(await sha256(raw));
  if (print && print !== phi) throw new Error("election: another fingerprint");
  const e = JSON.parse(raw);
  if (e.version !== 1 || e.group !== "BELENIOS-2048") throw new Error("election: another protocol");
  return { phi, uuid: e.uuid, questions: e.questions, key: element(e.public_key, "public key") };
};

/** The number of cells of a question: the blank vote is the first. */
const cellsOf = (question) => question.answers.length + (question.blank ? 1 : 0);

/**
 * Proof that one of several statements is true, not saying which (Cramer, Damgård,
 * Schoenmakers). Branch j claims that (α_j, β_j) = (G^r_j, y^r_j·G^d_j) has d_j = 0;
 * one has. As we know r_j and d_j, what the verifier computes for a false branch is
 *   A_j = G^resp_j·α_j^ch_j = G^(resp_j + r_j·ch_j)
 *   B_j = y^resp_j·β_j^ch_j = y^(resp_j + r_j·ch_j)·G^(d_j·ch_j)
 * and for the true one A = G^w, B = y^w, ch = H(s; A_0,B_0,…) − Σ others, resp = w − r·ch.
 * @param {(e: bigint) => bigint} y @param {string} s
 * @param {{r: bigint, d: bigint}[]} branches
 */
const proveOne = async (y, s, branches) => {
  const real = branches.findIndex(({ d }) => d === 0n);
  if (real < 0) throw new Error("proof: nothing true to prove");
  const w = random(), ch = [], resp = [], AB = [];
  branches.forEach(({ r, d }, j) => {
    if (j === real) return AB.push(g(w), y(w));
    ch[j] = random();
    resp[j] = random();
    const e = modQ(resp[j] + r * ch[j]);
    AB.push(g(e), y(e) * g(modQ(d * ch[j])) % P);
  });
  ch[real] = 0n;
  ch[real] = modQ(await H(s, ...AB) - ch.reduce((a, b) => a + b));
  resp[real] = modQ(w - branches[real].r * ch[real]);
  return ch.map((c, j) => proof(c, resp[j]));
};

/**
 * The answer to one question.
 * @param {object} q question of the election
 * @param {number[]} cells 0 or 1, the blank vote first when there is one
 * @param {string} s0 φ|C, which binds every proof to the election and the voter
 * @param {(e: bigint) => bigint} y @param {() => void} done called after each cell
 */
const answer = async (q, cells, s0, y, done) => {
  if (cells.length !== cellsOf(q) || cells.some((m) => m !== 0 && m !== 1)) throw new Error("choices: wrong cells");
  const first = q.blank ? 1 : 0;
  const blank = q.blank ? cells[0] : 0, chosen = cells.slice(first).reduce((a, b) => a + b, 0);
  if (blank ? chosen > 0 : chosen < q.min || chosen > q.max) throw new Error("choices: wrong number");
  const r = [], choices = [], individual_proofs = [];
  for (const m of cells) { // α = G^r, β = y^r·G^m
    const e = random();
    const alpha = String(g(e)), beta = String(m ? y(e) * G % P : y(e));
    r.push(e);
    choices.push({ alpha, beta });
    // m is 0 or 1: H("prove|φ|C|α,β|"; A0,B0,A1,B1).
    individual_proofs.push(await proveOne(y, `prove|${s0}|${alpha},${beta}|`, [0n, 1n].map((M) => ({ r: e, d: BigInt(m) - M }))));
    done();
  }
  const s = s0 + "|" + choices.map((c) => `${c.alpha},${c.beta}`).join(",");
  // Σ is the product of the candidates' cells: it encrypts their sum with R = Σr.
  const R = modQ(r.slice(first).reduce((a, b) => a + b, 0n)), sum = BigInt(chosen);
  const counts = [];
  for (let M = q.min; M <= q.max; M++) counts.push({ r: R, d: sum - BigInt(M) });
  if (!q.blank) { // the sum is between min and max
    const product = (part) => choices.reduce((a, c) => a * BigInt(c[part]) % P, 1n);
    return { choices, individual_proofs, overall_proof: await proveOne(y, `prove|${s}|${product("alpha")},${product("beta")}|`, counts) };
  }
  const m0 = BigInt(blank);
  // Blank or between min and max; and not both: m0 = 0 or mΣ = 0.
  const overall_proof = await proveOne(y, `bproof1|${s}|`, [{ r: r[0], d: m0 - 1n }, ...counts]);
  const blank_proof = await proveOne(y, `bproof0|${s}|`, [{ r: r[0], d: m0 }, { r: R, d: sum }]);
  return { choices, individual_proofs, overall_proof, blank_proof };
};

/**
 * A ballot, in its canonical form: the fields in this order, no space.
 * @param {{raw: string, print?: string, code: string, choices: number[][]}} given
 * @param {(done: number, all: number) => void} progress
 * @returns {Promise<string>}
 */
const makeBallot = async ({ raw, print, code, choices }, progress) => {
  const election = await readElection(raw, print), { questions } = election;
  if (choices.length !== questions.length) throw new Error("choices: wrong questions");
  const s = await secretOf(code, election.uuid), credential = String(g(s)); // C = G^s
  const all = questions.reduce((n, q) => n + cellsOf(q), 0);
  let done = 0;
  progress(0, all);
  const y = fixed(election.key), answers = [];
  for (const [i, q] of questions.entries()) {
    answers.push(await answer(q, choices[i], `${election.phi}|${credential}`, y, () => progress(++done, all)));
  }
  const ballot = { election_uuid: election.uuid, election_hash: election.phi, credential, answers };
  // Signature: h = b64(SHA256(ballot)), A = G^w, ch = H("sig|h|"; A), resp = w − s·ch.
  const hash = base64(await sha256(JSON.stringify(ballot)));
  const w = random(), ch = await H(`sig|${hash}|`, g(w));
  ballot.signature = { hash, proof: proof(ch, modQ(w - s * ch)) };
  return JSON.stringify(ballot);
};
