-- The register of the GNI: structures, their registration and its examination,
-- what they offer to the public. See internal/structure.

-- +goose Up

-- Words of a list as one text, for search (array_to_string is not immutable).
CREATE FUNCTION joined(words text[]) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
    AS $$ SELECT array_to_string(words, ' ') $$;

-- A structure is an organisation (its name is there) with what the register knows
-- of it. Accepted is the same as holding an open seat of the GNI. Closed lists are
-- those of the national standard of places of digital mediation
-- (standard-mediation-num 1.0.2), as written there.
CREATE TABLE structure (
    organisation_id bigint PRIMARY KEY REFERENCES organisation,
    state text NOT NULL CONSTRAINT structure_state_check CHECK (state IN (
        'unconfirmed', 'submitted', 'more_asked', 'accepted', 'refused', 'suspended', 'left', 'merged', 'lapsed')),
    origin text NOT NULL CONSTRAINT structure_origin_check CHECK (origin IN ('registration', 'team', 'import', 'before')),
    college text NOT NULL CONSTRAINT structure_college_check CHECK (college IN ('action_sociale', 'mediation_numerique')),
    merged_into bigint CONSTRAINT structure_merged_into_other CHECK (merged_into <> organisation_id) REFERENCES structure,

    -- Who it is.
    siret text NOT NULL DEFAULT '' CONSTRAINT structure_siret_check CHECK (siret = '' OR siret ~ '^[0-9]{14}$'),
    rna text NOT NULL DEFAULT '' CONSTRAINT structure_rna_check CHECK (rna = '' OR rna ~ '^W[0-9A-Z]{9}$'),
    national_id text NOT NULL DEFAULT '' CONSTRAINT structure_national_id_check CHECK (length(national_id) <= 100),
    source text NOT NULL DEFAULT '' CONSTRAINT structure_source_check CHECK (length(source) <= 100),
    parent text NOT NULL DEFAULT '' CONSTRAINT structure_parent_check CHECK (length(parent) <= 100),

    -- Where. The commune is chosen, never guessed from the postal code; unknown only
    -- for what was recorded before this register.
    insee text CONSTRAINT structure_insee_known CHECK (insee IS NOT NULL OR origin = 'before') REFERENCES commune (insee),
    address text NOT NULL DEFAULT '' CONSTRAINT structure_address_check CHECK (length(address) <= 200),
    address_more text NOT NULL DEFAULT '' CONSTRAINT structure_address_more_check CHECK (length(address_more) <= 200),
    postal_code text NOT NULL DEFAULT '' CONSTRAINT structure_postal_code_check CHECK (postal_code = '' OR postal_code ~ '^[0-9]{5}$'),
    latitude double precision CONSTRAINT structure_latitude_check CHECK (latitude BETWEEN -90 AND 90),
    longitude double precision CONSTRAINT structure_longitude_check CHECK (longitude BETWEEN -180 AND 180),
    CONSTRAINT structure_place_whole CHECK ((latitude IS NULL) = (longitude IS NULL)),
    metropole_wide boolean NOT NULL DEFAULT false,   -- acts in the whole metropole

    -- What it offers.
    services text[] NOT NULL DEFAULT '{}' CONSTRAINT structure_services_check CHECK (services <@ ARRAY[
        'Acquisition de matériel informatique à prix solidaire',
        'Aide aux démarches administratives',
        'Maîtrise des outils numériques du quotidien',
        'Insertion professionnelle via le numérique',
        'Utilisation sécurisée du numérique',
        'Parentalité et éducation avec le numérique',
        'Loisirs et créations numériques',
        'Compréhension du monde numérique',
        'Accès internet et matériel informatique']),
    audiences text[] NOT NULL DEFAULT '{}' CONSTRAINT structure_audiences_check CHECK (audiences <@ ARRAY[
        'Jeunes',
        'Étudiants',
        'Familles et/ou enfants',
        'Seniors',
        'Femmes']),
    special_care text[] NOT NULL DEFAULT '{}' CONSTRAINT structure_special_care_check CHECK (special_care <@ ARRAY[
        'Surdité',
        'Handicaps moteurs',
        'Handicaps mentaux',
        'Illettrisme',
        'Langues étrangères (anglais)',
        'Langues étrangères (autres)',
        'Déficience visuelle']),
    fees text[] NOT NULL DEFAULT '{}' CONSTRAINT structure_fees_check CHECK (fees <@ ARRAY[
        'Gratuit',
        'Gratuit sous condition',
        'Payant']),
    programmes text[] NOT NULL DEFAULT '{}' CONSTRAINT structure_programmes_check CHECK (programmes <@ ARRAY[
        'Aidants Connect',
        'Bibliothèques numérique de référence',
        'Certification PIX',
        'Conseillers numériques',
        'Emmaüs Connect',
        'France Services',
        'Grande école du numérique',
        'La Croix Rouge',
        'Point d''accès numérique CAF',
        'Promeneurs du net',
        'Relais numérique (Emmaüs Connect)']),
    labels text[] NOT NULL DEFAULT '{}' CONSTRAINT structure_labels_check CHECK (labels <@ ARRAY[
        'Formé à « Mon Espace Santé »',
        'Formé à « DUPLEX » (illettrisme)',
        'Arnia/MedNum BFC (Bourgogne-Franche-Comté)',
        'Collectif ressources et acteurs réemploi (Normandie)',
        'Étapes numériques (La Poste)',
        'Fabriques de Territoire',
        'Les Éclaireurs du numérique (Drôme)',
        'Mes Papiers (Métropole de Lyon)',
        'ORDI 3.0',
        'SUD LABS (PACA)']),
    access_modes text[] NOT NULL DEFAULT '{}' CONSTRAINT structure_access_modes_check CHECK (access_modes <@ ARRAY[
        'Se présenter',
        'Téléphoner',
        'Contacter par mail',
        'Envoyer un mail avec une fiche de prescription',
        'Prendre un RDV en ligne',
        'Ce lieu n''accueille pas de public']),
    support_modes text[] NOT NULL DEFAULT '{}' CONSTRAINT structure_support_modes_check CHECK (support_modes <@ ARRAY[
        'En autonomie',
        'Accompagnement individuel',
        'Dans un atelier collectif',
        'À distance']),
    mobility text[] NOT NULL DEFAULT '{}' CONSTRAINT structure_mobility_check CHECK (mobility <@ ARRAY[
        'Itinérant',
        'Fixe']),
    typology text[] NOT NULL DEFAULT '{}' CONSTRAINT structure_typology_check CHECK (typology <@ ARRAY['ACI', 'ACIPHC', 'AFPA', 'AI', 'ASE', 'ASSO', 'ASSO_CHOMEUR', 'Autre', 'AVIP', 'BIB', 'CAARUD', 'CADA', 'CAF', 'CAP_EMPLOI', 'CAVA', 'CC', 'CCAS', 'CCONS', 'CD', 'CDAS', 'CFP', 'CHRS', 'CHU', 'CIAS', 'CIDFF', 'CITMET', 'CMP', 'CMS', 'CPAM', 'CPH', 'CS', 'CSAPA', 'CSC', 'DEETS', 'DEPT', 'DIPLP', 'E2C', 'EA', 'EATT', 'EI', 'EITI', 'ENM', 'EPCI', 'EPI', 'EPIDE', 'EPN', 'ES', 'ESAT', 'ESS', 'ETTI', 'EVS', 'FABLAB', 'FABRIQUE', 'FAIS', 'FT', 'GEIQ', 'HUDA', 'LA_POSTE', 'MDE', 'MDH', 'MDEF', 'MDPH', 'MDS', 'MJC', 'ML', 'MQ', 'MSA', 'MSAP', 'MUNI', 'OACAS', 'ODC', 'OF', 'OIL', 'OPCS', 'PAD', 'PENSION', 'PI', 'PIJ_BIJ', 'PIMMS', 'PJJ', 'PLIE', 'PREF', 'PREVENTION', 'REG', 'RELAIS_LECTURE', 'RESSOURCERIE', 'RFS', 'RS_FJT', 'SCP', 'SPIP', 'TIERS_LIEUX', 'UDAF']),    other_labels text[] NOT NULL DEFAULT '{}' CONSTRAINT structure_other_labels_check CHECK (cardinality(other_labels) <= 20),
    summary text NOT NULL DEFAULT '' CONSTRAINT structure_summary_check CHECK (length(summary) <= 280),
    detail text NOT NULL DEFAULT '' CONSTRAINT structure_detail_check CHECK (length(detail) <= 2000),
    hours_text text NOT NULL DEFAULT '' CONSTRAINT structure_hours_text_check CHECK (length(hours_text) <= 500),
    hours text NOT NULL DEFAULT '' CONSTRAINT structure_hours_check CHECK (length(hours) <= 500),   -- OpenStreetMap syntax
    phone text NOT NULL DEFAULT '' CONSTRAINT structure_phone_check CHECK (phone = '' OR phone ~ '^[+][0-9]{6,15}$'),
    emails text[] NOT NULL DEFAULT '{}' CONSTRAINT structure_emails_check CHECK (cardinality(emails) <= 5),
    websites text[] NOT NULL DEFAULT '{}' CONSTRAINT structure_websites_check CHECK (cardinality(websites) <= 5),
    accessibility_url text NOT NULL DEFAULT '' CONSTRAINT structure_accessibility_url_check CHECK (length(accessibility_url) <= 300),
    appointment_url text NOT NULL DEFAULT '' CONSTRAINT structure_appointment_url_check CHECK (length(appointment_url) <= 300),

    -- Networks that the metropole animates (D: « réseau Aladdin », « conseillers numériques »).
    aladdin text NOT NULL DEFAULT '' CONSTRAINT structure_aladdin_check CHECK (aladdin IN ('', 'mediation', 'prescriber', 'relay')),
    adviser_posts smallint NOT NULL DEFAULT 0 CONSTRAINT structure_adviser_posts_check CHECK (adviser_posts BETWEEN 0 AND 200),
    CONSTRAINT structure_advisers_in_programme CHECK (adviser_posts = 0 OR programmes @> ARRAY['Conseillers numériques']),

    -- What it agreed to (the log is structure_consent).
    publish_sheet boolean NOT NULL DEFAULT false,      -- its sheet in the public directory
    publish_contacts boolean NOT NULL DEFAULT false,   -- and its telephone and addresses
    share_national boolean NOT NULL DEFAULT false,     -- its sheet in the national file

    created_at timestamptz NOT NULL DEFAULT now(),
    submitted_at timestamptz,                          -- last time it was sent to the team
    decided_at timestamptz,
    up_to_date_at timestamptz NOT NULL DEFAULT now(),  -- last time somebody of it said so
    changed_at timestamptz NOT NULL DEFAULT now(),     -- last time its sheet changed
    reminded_at timestamptz,
    reminders smallint NOT NULL DEFAULT 0,             -- since up_to_date_at
    sort_name text NOT NULL DEFAULT '',                -- folded name, kept by a trigger
    search text NOT NULL DEFAULT '',                   -- folded words of what is public, kept by a trigger
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT structure_merged_check CHECK ((state = 'merged') = (merged_into IS NOT NULL)),
    CONSTRAINT structure_waits_since CHECK (state NOT IN ('submitted', 'more_asked') OR submitted_at IS NOT NULL)
);
-- One living record per establishment; who was refused or has left may come again.
CREATE UNIQUE INDEX structure_siret_once ON structure (siret) WHERE siret <> '' AND state NOT IN ('refused', 'left', 'merged', 'lapsed');
CREATE UNIQUE INDEX structure_national_id_once ON structure (national_id) WHERE national_id <> '' AND state NOT IN ('refused', 'left', 'merged', 'lapsed');
CREATE INDEX structure_queue ON structure (submitted_at, organisation_id) WHERE state IN ('submitted', 'more_asked');
CREATE INDEX structure_listed ON structure (sort_name, organisation_id) WHERE state = 'accepted';
CREATE INDEX structure_all ON structure (sort_name, organisation_id);
CREATE INDEX structure_insee ON structure (insee);

-- +goose StatementBegin
CREATE FUNCTION structure_words() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    called text := (SELECT name FROM organisation WHERE id = NEW.organisation_id);
BEGIN
    NEW.sort_name := fold(called);
    NEW.search := fold(concat_ws(' ', called,
        (SELECT o.name FROM commune c JOIN organisation o ON o.id = c.organisation_id WHERE c.insee = NEW.insee),
        CASE WHEN NEW.publish_sheet THEN concat_ws(' ', NEW.summary, joined(NEW.services), joined(NEW.programmes),
            CASE WHEN NEW.aladdin <> '' THEN 'Aladdin' END) END));
    RETURN NEW;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER structure_words BEFORE INSERT OR UPDATE ON structure FOR EACH ROW EXECUTE FUNCTION structure_words();

-- +goose StatementBegin
CREATE FUNCTION structure_renamed() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN UPDATE structure SET organisation_id = NEW.id WHERE organisation_id = NEW.id; RETURN NULL; END $$;
-- +goose StatementEnd
CREATE TRIGGER structure_renamed AFTER UPDATE OF name ON organisation
    FOR EACH ROW WHEN (OLD.name <> NEW.name AND NEW.kind = 'structure') EXECUTE FUNCTION structure_renamed();

-- The people named in a request, until it is accepted: they then hold the seat or
-- act for the organisation (mandate, membership), and their row goes.
CREATE TABLE structure_contact (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    structure_id bigint NOT NULL REFERENCES structure ON DELETE CASCADE,
    first_name text NOT NULL CONSTRAINT structure_contact_first_name_check CHECK (length(first_name) BETWEEN 1 AND 80),
    last_name text NOT NULL CONSTRAINT structure_contact_last_name_check CHECK (length(last_name) BETWEEN 1 AND 80),
    email text NOT NULL CONSTRAINT structure_contact_email_check CHECK (length(email) BETWEEN 3 AND 254 AND email = lower(email)),
    title text NOT NULL DEFAULT '' CONSTRAINT structure_contact_title_check CHECK (length(title) <= 120),
    in_charge boolean NOT NULL DEFAULT false,
    manager boolean NOT NULL DEFAULT false,
    CONSTRAINT structure_contact_once UNIQUE (structure_id, email)
);
CREATE UNIQUE INDEX structure_contact_in_charge_once ON structure_contact (structure_id) WHERE in_charge;

-- What happened to a request and to a structure, as the structure may read it; a
-- note is the team's own.
CREATE TABLE structure_step (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    structure_id bigint NOT NULL REFERENCES structure,
    kind text NOT NULL CONSTRAINT structure_step_kind_check CHECK (kind IN (
        'recorded', 'sent', 'confirmed', 'asked', 'answered', 'accepted', 'refused', 'reopened', 'college', 'suspended',
        'returned', 'left', 'merged', 'absorbed', 'changed', 'up_to_date', 'reminded', 'imported', 'lapsed', 'note')),
    note text NOT NULL DEFAULT '' CONSTRAINT structure_step_note_check CHECK (length(note) <= 2000),
    by_name text NOT NULL DEFAULT '' CONSTRAINT structure_step_by_name_check CHECK (length(by_name) <= 200),
    by_team boolean NOT NULL DEFAULT false,
    at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX structure_step_of ON structure_step (structure_id, id DESC);

-- What was agreed to, in which words, and when: never changed.
CREATE TABLE structure_consent (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    structure_id bigint NOT NULL REFERENCES structure,
    use text NOT NULL CONSTRAINT structure_consent_use_check CHECK (use IN ('sheet', 'contacts', 'national')),
    given boolean NOT NULL,
    wording text NOT NULL,
    by_name text NOT NULL DEFAULT '',
    at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX structure_consent_of ON structure_consent (structure_id, id DESC);
-- +goose StatementBegin
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'portal_app') THEN
        REVOKE ALL ON structure_consent FROM portal_app;
        -- Not id, not at: the portal can neither change an answer nor date one.
        GRANT SELECT, INSERT (structure_id, use, given, wording, by_name) ON structure_consent TO portal_app;
    END IF;
END
$$;
-- +goose StatementEnd

-- Personal links that need no account: to confirm an address, to follow a request
-- and answer the team, to say that a sheet is up to date.
CREATE TABLE structure_link (
    token_hash bytea PRIMARY KEY,
    structure_id bigint NOT NULL REFERENCES structure,
    purpose text NOT NULL CONSTRAINT structure_link_purpose_check CHECK (purpose IN ('confirm', 'application', 'freshness')),
    name text NOT NULL DEFAULT '',                     -- whom it was sent to
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);
CREATE INDEX structure_link_of ON structure_link (structure_id);
CREATE INDEX structure_link_expiry ON structure_link (expires_at);

-- A registration being written, by whoever holds its link. Kept thirty days after
-- its last change.
CREATE TABLE registration (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    token_hash bytea NOT NULL CONSTRAINT registration_token_once UNIQUE,
    answers jsonb NOT NULL DEFAULT '{}',               -- step → field → values, as typed
    structure_id bigint CONSTRAINT registration_sent_once UNIQUE REFERENCES structure,
    created_at timestamptz NOT NULL DEFAULT now(),
    changed_at timestamptz NOT NULL DEFAULT now(),
    version integer NOT NULL DEFAULT 1
);
CREATE INDEX registration_changed ON registration (changed_at);

-- « Est-ce vous ? Demandez l’accès »: somebody who says to be of a structure that is
-- already registered.
CREATE TABLE access_request (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    structure_id bigint NOT NULL REFERENCES structure,
    first_name text NOT NULL CONSTRAINT access_request_first_name_check CHECK (length(first_name) BETWEEN 1 AND 80),
    last_name text NOT NULL CONSTRAINT access_request_last_name_check CHECK (length(last_name) BETWEEN 1 AND 80),
    email text NOT NULL CONSTRAINT access_request_email_check CHECK (length(email) BETWEEN 3 AND 254 AND email = lower(email)),
    title text NOT NULL DEFAULT '' CONSTRAINT access_request_title_check CHECK (length(title) <= 120),
    message text NOT NULL DEFAULT '' CONSTRAINT access_request_message_check CHECK (length(message) <= 1000),
    state text NOT NULL DEFAULT 'waiting' CONSTRAINT access_request_state_check CHECK (state IN ('waiting', 'granted', 'refused')),
    reason text NOT NULL DEFAULT '' CONSTRAINT access_request_reason_check CHECK (length(reason) <= 1000),
    created_at timestamptz NOT NULL DEFAULT now(),
    decided_at timestamptz,
    decided_by text NOT NULL DEFAULT '',
    CONSTRAINT access_request_decided CHECK ((state = 'waiting') = (decided_at IS NULL))
);
CREATE UNIQUE INDEX access_request_waiting_once ON access_request (structure_id, email) WHERE state = 'waiting';
CREATE INDEX access_request_waiting ON access_request (created_at) WHERE state = 'waiting';

-- While a freeze is in force no structure changes college: a vote's roll stands on
-- it (domain.md, « Election of the ten representatives »).
CREATE TABLE college_freeze (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    reason text NOT NULL CONSTRAINT college_freeze_reason_check CHECK (length(reason) BETWEEN 1 AND 300),
    started_at timestamptz NOT NULL DEFAULT now(),
    started_by text NOT NULL DEFAULT '',
    ended_at timestamptz CONSTRAINT college_freeze_ends_after CHECK (ended_at >= started_at),
    ended_by text NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX college_freeze_one ON college_freeze ((true)) WHERE ended_at IS NULL;

-- How long ago somebody of the structure said its sheet was right.
CREATE FUNCTION freshness(since timestamptz) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT CASE WHEN since > now() - interval '6 months' THEN 'fresh'
                      WHEN since > now() - interval '12 months' THEN 'recent'
                      WHEN since > now() - interval '18 months' THEN 'ageing'
                      ELSE 'expired' END $$;

CREATE TRIGGER structure_public AFTER INSERT OR UPDATE OR DELETE ON structure EXECUTE FUNCTION tell_public_change();

-- Structures recorded before this register keep their place in the GNI; their sheet
-- is still to be filled.
INSERT INTO structure (organisation_id, state, origin, college, up_to_date_at)
SELECT o.id,
       CASE WHEN EXISTS (SELECT FROM seat s WHERE s.organisation_id = o.id AND (upper_inf(s.during) OR upper(s.during) > paris_today()))
            THEN 'accepted' ELSE 'left' END,
       'before',
       coalesce((SELECT s.college FROM seat s WHERE s.organisation_id = o.id ORDER BY lower(s.during) DESC LIMIT 1), 'action_sociale'),
       o.created_at
FROM organisation o WHERE o.kind = 'structure';

-- +goose Down
DROP TRIGGER structure_renamed ON organisation;
DROP TABLE college_freeze, access_request, registration, structure_link, structure_consent, structure_step, structure_contact, structure;
DROP FUNCTION structure_renamed, structure_words;
DROP FUNCTION freshness(timestamptz);
DROP FUNCTION joined(text[]);
