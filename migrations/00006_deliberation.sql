-- What the deliberation founds: four bodies, their rules of composition, and the
-- seats that exist whoever holds them. The 28 communes come from the official
-- geographic code (INSEE), with the tile each takes on the map.

-- +goose Up
INSERT INTO body (code, position, name, short_name, meetings_per_year, needs_chair_and_state) VALUES
    ('cmtin', 1, 'Comité métropolitain territorial pour l’inclusion numérique', 'CMTIN', 1, true),
    ('partenaires', 2, 'Groupe des partenaires institutionnels pour l’inclusion numérique', 'Partenaires institutionnels', 2, false),
    ('gni', 3, 'Groupe Numérique Inclusif', 'GNI', 3, false),
    ('communes', 4, 'Comité des communes pour l’inclusion numérique', 'Comité des communes', 1, false);

INSERT INTO composition_rule (body, seat_kind, position, group_name, chairs, source) VALUES
    ('cmtin', 'president', 1, 'Présidence', true,
     'le Comité Métropolitain Territorial pour l’Inclusion Numérique (CMTIN), présidé par La Présidente de Bordeaux Métropole'),
    ('cmtin', 'councillor', 2, 'Conseillère métropolitaine au numérique', false,
     'ainsi que la conseillère métropolitaine au numérique'),
    ('cmtin', 'partner', 3, 'Partenaires institutionnels', false,
     'Elle rassemble, les membres du groupe des partenaires institutionnels pour l’inclusion Numérique'),
    ('cmtin', 'mayor', 4, 'Maires', false,
     'les Maires des 28 communes du territoire'),
    ('cmtin', 'gni_representative', 5, 'Représentants du GNI', false,
     'dix représentants du Groupe Numérique Inclusif'),
    ('partenaires', 'councillor', 1, 'Présidence', true,
     'Présidé par la conseillère métropolitaine au numérique'),
    ('partenaires', 'partner', 2, 'Partenaires institutionnels', false,
     'il rassemble les principaux acteurs locaux institutionnels pour favoriser l’inclusion numérique'),
    ('gni', 'structure', 1, 'Structures', false,
     'Il rassemble 3 fois par an quelques 160 structures locales impliquées dans les actions de terrain pour l’inclusion numérique'),
    ('communes', 'councillor', 1, 'Présidence', true,
     'Présidé par la conseillère métropolitaine au numérique'),
    ('communes', 'mayor', 2, 'Communes', false,
     'ce comité des communes leur permettra de partager leurs avancées lors de réunions annuelles');

-- Where the deliberation is silent: a default by analogy, or « sans objet ».
INSERT INTO body_setting (body, key, value, source_kind, source_note)
SELECT code, s.key, s.value, s.source_kind, s.note
FROM body CROSS JOIN (VALUES
    ('notice_days', 5, 'analogy', 'Délai de convocation des commissions consultatives, code des relations entre le public et l’administration'),
    ('quorum_percent', NULL, 'not_set', ''),
    ('proxies_per_holder', 1, 'analogy', 'Un pouvoir par personne, le suppléant d’abord : usage des assemblées délibérantes'),
    ('reminder_days', 3, 'analogy', 'Rappel aux personnes qui n’ont pas répondu : choix du portail')
) AS s(key, value, source_kind, note);
INSERT INTO body_setting (body, key, value, source_kind, source_note) VALUES
    ('gni', 'mandate_years', 3, 'analogy', 'Durée par défaut du mandat des dix représentants : choix du portail, à confirmer par le règlement intérieur');

INSERT INTO organisation (kind, name, category) VALUES
    ('metropole', 'Bordeaux Métropole', 'Métropole');

CREATE TEMPORARY TABLE seed_commune (insee text, name text, slug text, abbr text, tile_row smallint, tile_col smallint, population integer, siren text)
    ON COMMIT DROP;
INSERT INTO seed_commune VALUES
    ('33004', 'Ambès', 'ambes', 'AMS', 1, 4, 3291, '213300049'),
    ('33487', 'Saint-Vincent-de-Paul', 'saint-vincent-de-paul', 'SVP', 1, 5, 1016, '213304876'),
    ('33312', 'Parempuyre', 'parempuyre', 'PAR', 2, 3, 10407, '213303126'),
    ('33434', 'Saint-Louis-de-Montferrand', 'saint-louis-de-montferrand', 'SLM', 2, 4, 2097, '213304348'),
    ('33003', 'Ambarès-et-Lagrave', 'ambares-et-lagrave', 'AMB', 2, 5, 17298, '213300031'),
    ('33376', 'Saint-Aubin-de-Médoc', 'saint-aubin-de-medoc', 'SAM', 3, 1, 7764, '213303761'),
    ('33519', 'Le Taillan-Médoc', 'le-taillan-medoc', 'TAI', 3, 2, 10966, '213305196'),
    ('33056', 'Blanquefort', 'blanquefort', 'BLA', 3, 3, 16786, '213300569'),
    ('33032', 'Bassens', 'bassens', 'BAS', 3, 4, 8132, '213300320'),
    ('33096', 'Carbon-Blanc', 'carbon-blanc', 'CAR', 3, 5, 8342, '213300965'),
    ('33449', 'Saint-Médard-en-Jalles', 'saint-medard-en-jalles', 'SMJ', 4, 1, 32749, '213304496'),
    ('33200', 'Le Haillan', 'le-haillan', 'HAI', 4, 2, 11499, '213302003'),
    ('33162', 'Eysines', 'eysines', 'EYS', 4, 3, 24436, '213301625'),
    ('33075', 'Bruges', 'bruges', 'BRU', 4, 4, 20382, '213300759'),
    ('33249', 'Lormont', 'lormont', 'LOR', 4, 5, 24654, '213302490'),
    ('33273', 'Martignas-sur-Jalle', 'martignas-sur-jalle', 'MAR', 5, 1, 7959, '213302730'),
    ('33281', 'Mérignac', 'merignac', 'MÉR', 5, 2, 77136, '213302813'),
    ('33069', 'Le Bouscat', 'le-bouscat', 'BOU', 5, 3, 24262, '213300692'),
    ('33063', 'Bordeaux', 'bordeaux', 'BOR', 5, 4, 265328, '213300635'),
    ('33119', 'Cenon', 'cenon', 'CEN', 5, 5, 26784, '213301195'),
    ('33013', 'Artigues-près-Bordeaux', 'artigues-pres-bordeaux', 'ART', 5, 6, 8623, '213300130'),
    ('33318', 'Pessac', 'pessac', 'PES', 6, 2, 66874, '213303183'),
    ('33522', 'Talence', 'talence', 'TAL', 6, 3, 45869, '213305220'),
    ('33039', 'Bègles', 'begles', 'BÈG', 6, 4, 30968, '213300395'),
    ('33167', 'Floirac', 'floirac', 'FLO', 6, 5, 17939, '213301674'),
    ('33065', 'Bouliac', 'bouliac', 'BLC', 6, 6, 3806, '213300650'),
    ('33192', 'Gradignan', 'gradignan', 'GRA', 7, 3, 26186, '213301922'),
    ('33550', 'Villenave-d’Ornon', 'villenave-d-ornon', 'VIL', 7, 4, 42185, '213305501');
INSERT INTO organisation (kind, name, category) SELECT 'commune', name, 'Commune' FROM seed_commune ORDER BY insee;
INSERT INTO commune (organisation_id, insee, slug, abbr, tile_row, tile_col, population, siren)
SELECT o.id, s.insee, s.slug, s.abbr, s.tile_row, s.tile_col, s.population, s.siren
FROM seed_commune s JOIN organisation o ON o.kind = 'commune' AND o.name = s.name;

-- Seats begin on the day of the deliberation.
INSERT INTO seat (kind, label, during) VALUES
    ('president', 'Présidente de Bordeaux Métropole', '[2024-12-06,)'),
    ('councillor', 'Conseillère métropolitaine au numérique', '[2024-12-06,)');
INSERT INTO seat (kind, organisation_id, label, during)
SELECT 'mayor', o.id,
       'Maire ' || CASE
           WHEN o.name ~ '^Le ' THEN 'du ' || substr(o.name, 4)
           WHEN fold(o.name) ~ '^[aeiouy]' THEN 'd’' || o.name
           ELSE 'de ' || o.name END,
       '[2024-12-06,)'
FROM organisation o WHERE o.kind = 'commune' ORDER BY o.id;
INSERT INTO seat (kind, college, rank, label, during)
SELECT 'gni_representative', c.code, n, 'Représentant du GNI, ' || c.name || ', siège ' || n, '[2024-12-06,)'
FROM (VALUES ('action_sociale', 'action sociale'), ('mediation_numerique', 'médiation numérique')) AS c(code, name)
CROSS JOIN generate_series(1, 5) AS n;

-- +goose Down
DELETE FROM seat;
DELETE FROM commune;
DELETE FROM organisation;
DELETE FROM body_setting;
DELETE FROM composition_rule;
DELETE FROM body;
