-- The observatory (deliberation: « Un observatoire des inégalités numériques a été
-- mis en place »): figures that somebody enters, each dated and sourced. What the
-- register can count itself is never here. See internal/indicator.

-- +goose Up
CREATE TABLE indicator (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    slug      text NOT NULL CONSTRAINT indicator_slug_once UNIQUE
              CONSTRAINT indicator_slug_check CHECK (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' AND length(slug) <= 80),
    name      text NOT NULL CONSTRAINT indicator_name_check CHECK (length(name) BETWEEN 1 AND 150),
    unit      text NOT NULL CONSTRAINT indicator_unit_check CHECK (length(unit) BETWEEN 1 AND 40),      -- « personnes »
    unit_one  text NOT NULL CONSTRAINT indicator_unit_one_check CHECK (length(unit_one) BETWEEN 1 AND 40), -- « personne »
    meaning   text NOT NULL CONSTRAINT indicator_meaning_check CHECK (length(meaning) BETWEEN 1 AND 500), -- in plain words
    method    text NOT NULL CONSTRAINT indicator_method_check CHECK (length(method) BETWEEN 1 AND 1000),
    source    text NOT NULL DEFAULT '' CONSTRAINT indicator_source_check CHECK (length(source) <= 600),  -- proposed for new values
    direction text NOT NULL DEFAULT 'neutral' CONSTRAINT indicator_direction_check CHECK (direction IN ('neutral', 'up', 'down')),
    position  integer NOT NULL CONSTRAINT indicator_position_check CHECK (position > 0),
    published boolean NOT NULL DEFAULT false,
    version   integer NOT NULL DEFAULT 1,
    CONSTRAINT indicator_position_once UNIQUE (position) DEFERRABLE INITIALLY IMMEDIATE,
    -- Those names are of the figures the register counts.
    CONSTRAINT indicator_slug_free CHECK (slug NOT LIKE 'registre-%')
);

-- A value is of a day, or of a period, both ends included.
CREATE TABLE indicator_value (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    indicator_id bigint NOT NULL REFERENCES indicator,
    starts_on    date CONSTRAINT indicator_value_period_check CHECK (starts_on < ends_on),
    ends_on      date NOT NULL CONSTRAINT indicator_value_day_check CHECK (ends_on BETWEEN '1990-01-01' AND '2200-12-31'),
    value        numeric(15, 4) NOT NULL,
    qualifier    text NOT NULL DEFAULT '' CONSTRAINT indicator_value_qualifier_check CHECK (qualifier IN ('', 'nearly', 'over')),
    source       text NOT NULL CONSTRAINT indicator_value_source_check CHECK (length(source) BETWEEN 1 AND 600),
    link         text NOT NULL DEFAULT '' CONSTRAINT indicator_value_link_check
                 CHECK (link = '' OR length(link) <= 300 AND link ~ '^(https?://|/[a-z])'),
    note         text NOT NULL DEFAULT '' CONSTRAINT indicator_value_note_check CHECK (length(note) <= 1000),
    entered_by   text NOT NULL DEFAULT '' CONSTRAINT indicator_value_entered_by_check CHECK (length(entered_by) <= 200),
    entered_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    version      integer NOT NULL DEFAULT 1,
    CONSTRAINT indicator_value_once UNIQUE NULLS NOT DISTINCT (indicator_id, starts_on, ends_on)
);

CREATE TRIGGER indicator_public AFTER INSERT OR UPDATE OR DELETE ON indicator EXECUTE FUNCTION tell_public_change();
CREATE TRIGGER indicator_value_public AFTER INSERT OR UPDATE OR DELETE ON indicator_value EXECUTE FUNCTION tell_public_change();

-- What deliberation 2024-677 says, and nothing else. The people trained each year
-- are still to be entered.
INSERT INTO indicator (position, slug, name, unit, unit_one, meaning, method, source, direction, published) VALUES
(1, 'personnes-formees', 'Personnes formées par le réseau Aladdin', 'personnes', 'personne',
 'Le nombre de personnes que le dispositif de formation en faveur des plus démunis a permis de former, depuis qu’il existe.',
 'Cumul annoncé par Bordeaux Métropole. La délibération ne dit pas comment il est compté.', '', 'up', true),
(2, 'personnes-formees-par-an', 'Personnes formées chaque année par le réseau Aladdin', 'personnes', 'personne',
 'Le nombre de personnes formées dans l’année par les structures du réseau Aladdin.',
 'Chiffre annoncé par Bordeaux Métropole pour une année entière. Une personne formée deux années compte deux fois.', '', 'up', true),
(3, 'structures-aladdin', 'Structures de médiation du réseau Aladdin', 'structures', 'structure',
 'Le nombre de structures de médiation numérique membres du réseau Aladdin, que la Métropole anime.',
 'Nombre annoncé par Bordeaux Métropole. Le registre du GNI compte de son côté les membres d’aujourd’hui.', '', 'up', true),
(4, 'actions-conseillers-numeriques', 'Actions d’aide des conseillers numériques', 'actions', 'action',
 'Le nombre d’actions d’aide menées par les conseillers numériques auprès de personnes en difficulté, depuis leur arrivée en 2021.',
 'Cumul annoncé par Bordeaux Métropole, qui coordonne les conseillers numériques.', '', 'up', true),
(5, 'concertation-visioconferences', 'Temps d’échange en visioconférence', 'temps', 'temps',
 'Le nombre de temps en visioconférence qui ont préparé la gouvernance.',
 'Compte fait pendant la concertation ouverte en octobre 2023 aux 28 communes, aux associations et aux acteurs de l’inclusion numérique.', '', 'neutral', true),
(6, 'concertation-participants-visioconferences', 'Participants aux visioconférences', 'participants', 'participant',
 'Le nombre de participants aux temps en visioconférence qui ont préparé la gouvernance.',
 'Compte fait pendant la concertation ouverte en octobre 2023.', '', 'neutral', true),
(7, 'concertation-generale', 'Participants à la concertation générale', 'participants', 'participant',
 'Le nombre de participants à la concertation générale de mars 2024, à l’hôtel de Bordeaux Métropole.',
 'Compte fait pendant la concertation.', '', 'neutral', true);

INSERT INTO indicator_value (indicator_id, ends_on, value, qualifier, source, link, note, entered_by)
SELECT i.id, '2024-12-06', v.value, v.qualifier, 'Délibération n° 2024-677 du 6 décembre 2024 : « ' || v.words || ' »', '/deliberation', v.note, 'Reprise de la délibération'
FROM (VALUES
    ('personnes-formees', 3000, 'nearly',
     'un dispositif de formation en faveur des plus démunis a d’ores et déjà permis de former près de 3000 personnes via 30 structures de médiation numérique, membres du réseau Aladdin animé par la Métropole.', ''),
    ('structures-aladdin', 30, '',
     'un dispositif de formation en faveur des plus démunis a d’ores et déjà permis de former près de 3000 personnes via 30 structures de médiation numérique, membres du réseau Aladdin animé par la Métropole.', ''),
    ('actions-conseillers-numeriques', 60000, 'over',
     'La Métropole assure également la coordination des conseillers numériques, qui ont depuis leur arrivée sur le territoire en 2021 opéré plus de 60.000 actions d’aide auprès de personnes en difficulté.',
     'Depuis 2021 ; la délibération ne dit pas le jour.'),
    ('concertation-visioconferences', 29, '', 'Ils se sont matérialisés par 29 temps en visioconférence réunissant 83 participants', ''),
    ('concertation-participants-visioconferences', 83, '', 'Ils se sont matérialisés par 29 temps en visioconférence réunissant 83 participants', ''),
    ('concertation-generale', 64, '', 'une concertation générale en mars 2024 à l’hôtel Bordeaux Métropole réunissant 64 participants', 'La concertation a eu lieu en mars 2024.')
) AS v(slug, value, qualifier, words, note) JOIN indicator i USING (slug);

-- +goose Down
DROP TABLE indicator_value, indicator;
