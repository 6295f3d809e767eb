"use strict";
/*
 * Everything that encrypts, proves and opens in the browser: the page, and the
 * Worker it starts from this same file. No other file takes part, none is fetched.
 * Protocol: Belenios, version 1, group BELENIOS-2048 (Schnorr group, FIPS 186-4).
 * Notation: every product is mod P, every exponent mod Q; dec(x) is base 10.
 * BigInt does not take a constant time: secrets are used once, on the person's own
 * device, and nobody else can measure it.
 */

/** P: the field, 2048 bits. */
const P = 20694785691422546401013643657505008064922989295751104097100884787057374219242717401922237254497684338129066633138078958404960054389636289796393038773905722803605973749427671376777618898589872735865049081167099310535867780980030790491654063777173764198678527273474476341835600035698305193144284561701911000786737307333564123971732897913240474578834468260652327974647951137672658693582180046317922073668860052627186363386088796882120769432366149491002923444346373222145884100586421050242120365433561201320481118852408731077014151666200162313177169372189248078507711827842317498073276598828825169183103125680162072880719n;
/** Q: the order of the group, a prime of 256 bits that divides P-1. */
const Q = 78571733251071885079927659812671450121821421258408794611510081919805623223441n;
/** G: the generator, G^Q = 1. */
const G = 2402352677501852209227687703532399932712287657378364916510075318787663274146353219320285676155269678799694668298749389095083896573425601900601068477164491735474137283104610458681314511781646755400527402889846139864532661215055797097162016168270312886432456663834863635782106154918419982534315189740658186868651151358576410138882215396016043228843603930989333662772848406593138406010231675095763777982665103606822406635076697764025346253773085133173495194248967754052573659049492477631475991575198775177711481490920456600205478127054728238140972518639858334115700568353695553423781475582491896050296680037745308460627n;

/** The representative of x in [0, Q). */
const modQ = (x) => { const r = x % Q; return r < 0n ? r + Q : r; };

/** Bits of an exponent that one step of a table takes. */
const STEP = 6;

/**
 * fixed(b) is e ↦ b^e for 0 ≤ e < 2^256, from a table of b^(j·2^(6·i)): 43 products
 * for each power. Worth it for G and the key of the election, raised hundreds of times.
 */
const fixed = (b) => {
  const rows = [];
  for (let bits = 0; bits < 256; bits += STEP) {
    const row = [1n];
    for (let j = 1; j < 1 << STEP; j++) row.push(row[j - 1] * b % P);
    rows.push(row);
    b = row.at(-1) * b % P;
  }
  return (e) => {
    let r = 1n;
    for (const row of rows) {
      r = r * row[Number(BigInt.asUintN(STEP, e))] % P;
      e >>= BigInt(STEP);
    }
    return r;
  };
};

/** power(b, e) = b^e for a base that comes once: windows of four bits. */
const power = (b, e) => {
  const row = [1n];
  for (let j = 1; j < 16; j++) row.push(row[j - 1] * b % P);
  let r = 1n;
  for (const digit of e.toString(16)) {
    for (let i = 0; i < 4; i++) r = r * r % P;
    r = r * row[parseInt(digit, 16)] % P;
  }
  return r;
};

/** A number as the protocol writes it: base 10, no sign, no leading zero. */
const number = (text, what) => {
  if (typeof text !== "string" || !/^(0|[1-9]\d{0,699})$/.test(text)) throw new Error(`${what}: not a number`);
  return BigInt(text);
};

/** An element of the group, received: 0 < x < P and x^Q = 1, or an error. */
const element = (text, what) => {
  const x = number(text, what);
  if (x <= 0n || x >= P || power(x, Q) !== 1n) throw new Error(`${what}: not in the group`);
  return x;
};

/** Bytes, first the strongest, as an integer. */
const integer = (bytes) => BigInt("0x" + hex(bytes));
const hex = (bytes) => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
/** Standard base64 without padding. */
const base64 = (bytes) => btoa(String.fromCharCode(...bytes)).replace(/=+$/, "");
const utf8 = (text) => new TextEncoder().encode(text);

/** Uniform in [0, Q) up to 2^-128: 384 random bits mod Q. */
const random = () => integer(crypto.getRandomValues(new Uint8Array(48))) % Q;

/** SHA-256 of bytes or of a text in UTF-8. */
const sha256 = async (data) => new Uint8Array(await crypto.subtle.digest("SHA-256", typeof data === "string" ? utf8(data) : data));

/** H(s; x1,…,xn) = SHA256(s ‖ dec(x1) ‖ "," ‖ … ‖ dec(xn)) mod Q. */
const H = async (s, ...x) => integer(await sha256(s + x.join(","))) % Q;

/** How numbers stand in JSON. */
const proof = (challenge, response) => ({ challenge: String(challenge), response: String(response) });
let tableOfG;
/** G^e; its table is made once. */
const g = (e) => (tableOfG ??= fixed(G))(e);
