// What the official tools say of a national file: node check.cjs MODULES FOLDER
// MODULES is where they are installed, FOLDER has places.json, places.csv and
// reference.json. Prints one line by thing that is wrong, then how many places passed.
'use strict';
const fs = require('fs');
const path = require('path');
const [modules, folder] = process.argv.slice(2);
const tool = (name) => require(path.join(modules, name));
const national = tool('@gouvfr-anct/lieux-de-mediation-numerique');
const { Table } = tool('tableschema');
const OpeningHours = tool('opening_hours');
const read = (name) => fs.readFileSync(path.join(folder, name), 'utf8');
const wrong = (what) => console.log('wrong: ' + what);

// The library, there and back: what it does not give back as it was is lost.
const noPublic = "Ce lieu n'accueille pas de public";
function library(from, rows) {
  let places;
  try {
    places = national.fromSchemaLieuxDeMediationNumerique(rows);
  } catch (e) {
    wrong(`${from}: the library throws ${e.name}: ${e.message}`);
    for (const row of rows) {
      try {
        national.fromSchemaLieuDeMediationNumerique(row);
      } catch (e) {
        wrong(`${from}: ${row.id}: ${e.message}`);
      }
    }
    return 0;
  }
  national.toSchemaLieuxDeMediationNumerique(places).forEach((back, i) => {
    const row = { ...rows[i] };
    // The library hides that mode of a place that has services: it is its own rule.
    if (row.modalites_acces) row.modalites_acces = row.modalites_acces.split('|').filter((m) => m !== noPublic).join('|');
    for (const key of new Set([...Object.keys(row), ...Object.keys(back)])) {
      if (row[key] !== back[key]) wrong(`${from}: ${row.id}: ${key}: ${JSON.stringify(row[key])} comes back ${JSON.stringify(back[key])}`);
    }
  });
  return places.length;
}

// The Table Schema, of the reference: lists are patterns, as version 1.0.2 has them.
function schema(reference) {
  const escaped = (s) => s.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const phone = '^\\+(33|590|594|262|596|269|687|689|508|681)\\d{6,9}$';
  return {
    fields: reference.fields.map((f) => {
      const constraints = { required: f.required };
      if (f.unique) constraints.unique = true;
      if (f.pattern) constraints.pattern = f.pattern;
      if (f.maxLength) constraints.maxLength = f.maxLength;
      if (f.name === 'telephone') constraints.pattern = phone;
      const list = reference.enumerations[f.name];
      if (list) {
        const values = list
          .map((v) => v.code ?? v)
          // Version 1.0.2 loses a space there, which no file can satisfy with the library.
          .map((v) => (v === 'Étapes numériques (La Poste)' ? 'Étapes numériques(La Poste)' : v))
          .map(escaped)
          .join('|');
        constraints.pattern = `^(${values})(\\|(${values}))*$`;
      }
      return { name: f.name, type: f.type, format: 'default', constraints };
    }),
    missingValues: [''],
  };
}

async function table(reference) {
  const descriptor = schema(reference);
  const t = await Table.load(path.join(folder, 'places.csv'), { schema: descriptor, strict: true });
  if (!t.schema.valid) wrong('the Table Schema itself: ' + t.schema.errors);
  const rows = [];
  for await (const value of await t.iter({ extended: true, forceCast: true, stream: true })) {
    if (value instanceof Error) {
      for (const e of value.errors?.length ? value.errors : [value]) wrong(`csv line ${value.rowNumber}: ${e.columnName ?? ''} ${e.message}`);
      continue;
    }
    rows.push(value[2]);
  }
  if (JSON.stringify(t.headers) !== JSON.stringify(reference.fields.map((f) => f.name))) wrong('csv headers: ' + t.headers);
  return rows;
}

// Rows of the CSV as the library takes them: what is empty has no key.
const asJSON = (headers) => (cells) => {
  const row = {};
  headers.forEach((h, i) => {
    if (cells[i] === null || cells[i] === undefined) return;
    row[h] = h === 'date_maj' ? new Date(cells[i].getTime() - cells[i].getTimezoneOffset() * 60000).toISOString().slice(0, 10) : cells[i];
  });
  return row;
};

(async () => {
  const reference = JSON.parse(read('reference.json'));
  const places = JSON.parse(read('places.json'));
  const rows = (await table(reference)).map(asJSON(reference.fields.map((f) => f.name)));
  const json = library('json', places);
  const csv = library('csv', rows);
  const france = { lat: 44.84, lon: -0.58, address: { country_code: 'fr', state: 'Nouvelle-Aquitaine' } };
  for (const p of places) {
    if (!p.horaires) continue;
    try {
      new OpeningHours(p.horaires, france);
    } catch (e) {
      wrong(`${p.id}: horaires ${p.horaires}: ${e}`);
    }
  }
  const inCSV = new Map(rows.map((row) => [row.id, JSON.stringify(row)]));
  for (const p of places) {
    if (inCSV.has(p.id) && inCSV.get(p.id) !== JSON.stringify(p)) wrong(`csv and json differ: ${inCSV.get(p.id)} and ${JSON.stringify(p)}`);
  }
  console.log(`json ${json}, csv ${csv}`);
})().catch((e) => {
  wrong(e.stack);
  process.exit(1);
});
