package structure

import (
	"context"
	"strconv"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// Merger is what would come of merging a record into another.
type Merger struct {
	From, Into Sheet
	Refusal    string   // why it cannot be done; "": it can
	Filled     []string // what the kept record lacks and would take from the other
}

// MergeOf reads two records and says what would come of merging the first into the
// second. It is a page of check: nothing is changed.
func (s *Service) MergeOf(ctx context.Context, by access.Actor, from, into ID) (Merger, error) {
	if err := by.Require(by.RunsBodies()); err != nil {
		return Merger{}, err
	}
	var m Merger
	var err error
	if m.From, err = load(ctx, s.db, from); err != nil {
		return m, err
	}
	if m.Into, err = load(ctx, s.db, into); err != nil {
		return m, err
	}
	if err := mayMerge(m.From, m.Into); err != nil {
		m.Refusal = err.Error()
	}
	_, m.Filled = filled(m.Into, m.From)
	return m, nil
}

// mayMerge says whether a record may be merged into another: a living one is kept,
// and a member is never merged into a request.
func mayMerge(from, into Sheet) error {
	living := func(s Sheet) bool { return s.State == Accepted || s.State == Suspended || s.State.Waiting() }
	switch {
	case from.ID == into.ID:
		return problem.OnField("autre", "Choisissez une autre fiche que celle-ci.")
	case from.State == Merged:
		return problem.OnField("autre", "Cette fiche est déjà fusionnée.")
	case !living(into):
		return problem.OnField("autre", "Gardez une fiche de membre ou une demande en cours : celle-ci est « "+into.State.Label()+" ».")
	case from.State == Accepted && into.State != Accepted:
		return problem.OnField("autre", "Gardez la fiche qui est membre du GNI : fusionnez l’autre dans celle-ci.")
	}
	return nil
}

// filled completes a record with what another has and it lacks, and names what it
// took.
func filled(into, from Sheet) (Sheet, []string) {
	var took []string
	text := func(dst *string, src, name string) {
		if *dst == "" && src != "" {
			*dst = src
			took = append(took, name)
		}
	}
	list := func(dst *[]string, src []string, name string) {
		if len(*dst) == 0 && len(src) > 0 {
			*dst = src
			took = append(took, name)
		}
	}
	text(&into.SIRET, from.SIRET, "SIRET")
	text(&into.RNA, from.RNA, "numéro RNA")
	text(&into.NationalID, from.NationalID, "identifiant national")
	text(&into.INSEE, from.INSEE, "commune")
	text(&into.Address, from.Address, "adresse")
	text(&into.PostalCode, from.PostalCode, "code postal")
	text(&into.Summary, from.Summary, "présentation")
	text(&into.Detail, from.Detail, "présentation détaillée")
	if into.HoursText == "" && from.HoursText != "" {
		into.HoursText, into.Hours = from.HoursText, from.Hours
		took = append(took, "horaires")
	}
	text(&into.Phone, from.Phone, "téléphone")
	list(&into.Emails, from.Emails, "adresses électroniques")
	list(&into.Websites, from.Websites, "sites internet")
	list(&into.Typology, from.Typology, "type de structure")
	list(&into.Services, from.Services, "services")
	list(&into.Audiences, from.Audiences, "publics")
	list(&into.AccessModes, from.AccessModes, "modalités d’accès")
	list(&into.SupportModes, from.SupportModes, "modalités d’accompagnement")
	list(&into.Labels, from.Labels, "labels")
	return into, took
}

// Merge puts a record into another, which keeps its own words and takes what it
// lacked: the seat of the first closes, its people act for the second, its requests
// of access follow, and both stories are read on the one that is kept. The versions
// are those the page of check showed. Field: autre.
func (s *Service) Merge(ctx context.Context, by access.Actor, from, into ID, fromVersion, intoVersion int) error {
	if err := by.Require(by.RunsBodies()); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		a, b, err := lockBoth(ctx, tx, from, into, fromVersion, intoVersion)
		if err != nil {
			return err
		}
		if err := mayMerge(a, b); err != nil {
			return err
		}
		told, mail, err := s.mergedNews(ctx, tx, a, b) // while they still are
		if err != nil {
			return err
		}
		if err := s.absorb(ctx, tx, by, a, b); err != nil {
			return err
		}
		if err := step(ctx, tx, by, from, StepMerged, "Dans « "+b.Name+" »."); err != nil {
			return err
		}
		if err := step(ctx, tx, by, into, StepAbsorbed, "« "+a.Name+" »."); err != nil {
			return err
		}
		if err := record(ctx, tx, by, "merge", a, a, map[string]any{"fusionnee_dans": b.Name, "fiche": b.ID}); err != nil {
			return err
		}
		return s.tellManagers(ctx, tx, told, mail)
	})
}

// mergedNews is what the people of a record that goes are told, and who they are: who
// acts for a member acts for the other; who waits for an answer has it.
func (s *Service) mergedNews(ctx context.Context, tx pgx.Tx, a, b Sheet) ([]recipient, notify.Mail, error) {
	m := notify.Mail{Kind: "structure_merged", Subject: "Les fiches de « " + b.Name + " » sont réunies"}
	if !a.State.Waiting() {
		m.Paragraphs = []string{"« " + a.Name + " » et « " + b.Name + " » étaient deux fiches d’une même structure. Elles n’en font plus qu’une : « " + b.Name + " ». Vous agissez désormais pour elle."}
		m.Action, m.Link = "Voir la fiche", s.baseURL+"/ma-structure"
		told, err := managers(ctx, tx, a.ID)
		return told, m, err
	}
	m.Subject, m.Why = "Votre demande pour « "+a.Name+" »", whyApplicant
	asked := "Vous avez demandé l’inscription de « " + a.Name + " » au Groupe Numérique Inclusif (GNI). "
	if b.State == Accepted {
		m.Paragraphs = []string{asked + "Cette structure en est déjà membre, sous le nom « " + b.Name + " » : une nouvelle inscription n’est pas utile.",
			"Pour agir en son nom, demandez l’accès avec le lien ci-dessous. Les personnes qui la gèrent, ou l’équipe, vous répondront."}
		m.Action, m.Link = "Demander l’accès", s.baseURL+"/structures/"+strconv.FormatInt(int64(b.ID), 10)+"/acces"
	} else {
		m.Paragraphs = []string{asked + "Une autre demande est arrivée pour la même structure : nous n’en gardons qu’une, et sa personne référente recevra la réponse.",
			"Une fois la structure membre du GNI, vous la trouverez dans l’annuaire et pourrez y demander l’accès."}
		m.Action, m.Link = "Voir l’annuaire", s.baseURL+"/structures"
	}
	told, err := applicants(ctx, tx, a.ID)
	return told, m, err
}

// lockBoth locks two structures, always in the same order, at the versions shown.
func lockBoth(ctx context.Context, tx pgx.Tx, from, into ID, fromVersion, intoVersion int) (a, b Sheet, err error) {
	if from > into {
		b, a, err = lockBoth(ctx, tx, into, from, intoVersion, fromVersion)
		return a, b, err
	}
	if a, err = lockForTeam(ctx, tx, from, fromVersion); err != nil {
		return a, b, err
	}
	b, err = lockForTeam(ctx, tx, into, intoVersion)
	return a, b, err
}

// absorb moves what a record has to another.
func (s *Service) absorb(ctx context.Context, tx pgx.Tx, by access.Actor, a, b Sheet) error {
	people, err := actingFor(ctx, tx, a.ID, b.ID)
	if err != nil {
		return err
	}
	if a.State == Accepted {
		if _, err := s.closeFor(ctx, tx, by, a, day.Today(), "fusion avec « "+b.Name+" »", Team); err != nil {
			return err
		}
	}
	// Its numbers are free before the other takes them.
	if _, err := postgres.Exec(ctx, tx, `
		UPDATE structure SET state = 'merged', merged_into = $2, version = version + 1 WHERE organisation_id = $1 OR merged_into = $1`, a.ID, b.ID); err != nil {
		return postgres.Wrap(err, "merge structure %d", a.ID)
	}
	next, took := filled(b, a)
	if len(took) > 0 {
		if err := write(ctx, tx, next); err != nil {
			return err
		}
	}
	if err := moveRows(ctx, tx, a.ID, b.ID); err != nil {
		return err
	}
	if b.State != Accepted {
		return nil
	}
	for _, p := range people { // a structure's people, few
		if _, err := s.governance.Join(ctx, tx, by, governance.NewMembership{Organisation: b.ID, Person: p.input(), Title: p.Title, Manager: p.Manager, From: day.Today()}); err != nil {
			return err
		}
	}
	return nil
}

// actingFor returns who acts for a structure today and not for another.
func actingFor(ctx context.Context, tx pgx.Tx, id, not ID) ([]namedPerson, error) {
	people, err := postgres.List[namedPerson](ctx, tx, `
		WITH acting AS (
		    SELECT s.organisation_id, m.person_id, ''::text AS title, true AS manager FROM seat s JOIN mandate m ON m.seat_id = s.id
		    WHERE s.organisation_id IN ($1, $2) AND m.during @> paris_today()
		    UNION ALL
		    SELECT n.organisation_id, n.person_id, n.title, n.manager FROM membership n
		    WHERE n.organisation_id IN ($1, $2) AND n.during @> paris_today()
		)
		SELECT p.first_name, p.last_name, p.email, max(a.title) AS title, false AS in_charge, bool_or(a.manager) AS manager, p.id AS person_id
		FROM acting a JOIN person p ON p.id = a.person_id
		WHERE a.organisation_id = $1 AND NOT EXISTS (SELECT FROM acting b WHERE b.organisation_id = $2 AND b.person_id = a.person_id)
		GROUP BY p.id ORDER BY p.id`, id, not)
	return people, postgres.Wrap(err, "people of structure %d", id)
}

// moveRows gives a structure the requests of access of another that it has not
// itself, and drops those it has, and the people named in the other's request: they
// are not members.
func moveRows(ctx context.Context, tx pgx.Tx, from, to ID) error {
	_, err := postgres.Exec(ctx, tx, `
		WITH dropped AS (DELETE FROM structure_contact WHERE structure_id = $1),
		twice AS (DELETE FROM access_request a USING access_request b
		          WHERE a.structure_id = $1 AND a.state = 'waiting' AND b.structure_id = $2 AND b.email = a.email AND b.state = 'waiting')
		UPDATE access_request a SET structure_id = $2
		WHERE a.structure_id = $1 AND a.state = 'waiting'
		  AND NOT EXISTS (SELECT FROM access_request b WHERE b.structure_id = $2 AND b.email = a.email AND b.state = 'waiting')`, from, to)
	return postgres.Wrap(err, "requests of structure %d", from)
}
