package roll

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// ClaimsUntil is when claims end if the roll is shown now: what was announced, unless
// the days of the rules take longer. They are whole days in Paris.
func ClaimsUntil(e election.Election) time.Time {
	least := day.In(e.Now).AddDays(e.Rules.ClaimDays+1).At(0, 0)
	if e.ClaimsUntil != nil && e.ClaimsUntil.After(least) {
		return *e.ClaimsUntil
	}
	if e.ClaimsUntil != nil && day.In(e.Now).DaysUntil(day.In(*e.ClaimsUntil)) >= e.Rules.ClaimDays {
		return *e.ClaimsUntil
	}
	return least
}

// mayOpen refuses to show the roll before the rules are published, twice, or when claims
// would not end in time for the lists to be sealed.
func mayOpen(e election.Election) error {
	until := ClaimsUntil(e)
	switch {
	case e.Phase == election.Draft:
		return problem.New(problem.Conflict, "Publiez d’abord le règlement : il dit combien de jours durent les réclamations.")
	case e.Phase != election.Published:
		return problem.New(problem.Conflict, "La liste électorale de cette élection est déjà montrée.")
	case e.WithdrawUntil != nil && until.After(*e.WithdrawUntil):
		return problem.New(problem.Conflict, "Les réclamations dureraient jusqu’au "+french.DateTime(until)+
			", après le dernier moment des retraits : déplacez d’abord les dates des candidatures.")
	}
	return nil
}

// OpenRoll shows the provisional roll: the structures accepted in the register, with
// their names, communes and colleges; claims are received from now on. Every structure
// is asked to look at its line. It returns how many structures are on the roll.
func (s *Service) OpenRoll(ctx context.Context, by access.Actor, id election.ID, version int) (registered int, err error) {
	err = postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		e, err := lockForTeam(ctx, tx, by, id)
		if err != nil {
			return err
		}
		if err := mayOpen(e); err != nil {
			return err
		}
		if e.Version != version {
			return election.ErrStale
		}
		until := ClaimsUntil(e)
		if _, err := postgres.Exec(ctx, tx, `UPDATE election SET claims_until = $2 WHERE id = $1`, id, until); err != nil {
			return postgres.Wrap(err, "claims of election %d", id)
		}
		if err := follow(ctx, tx, id); err != nil {
			return err
		}
		if err := election.SetPhase(ctx, tx, by, e, election.Roll); err != nil {
			return err
		}
		lines, err := entries(ctx, tx, id)
		if err != nil {
			return err
		}
		if registered = len(lines); registered == 0 {
			return problem.New(problem.Conflict, "Aucune structure n’est acceptée dans le registre : la liste serait vide.")
		}
		if err := election.Record(ctx, tx, by, "roll", e, nil, map[string]any{"inscrites": registered, "reclamations_jusqu_au": until}); err != nil {
			return err
		}
		return s.askToCheck(ctx, tx, e, until, lines)
	})
	return registered, err
}

// entries is the whole roll.
func entries(ctx context.Context, q postgres.Querier, id election.ID) ([]Entry, error) {
	list, err := postgres.List[Entry](ctx, q, `
		SELECT structure_id, name, commune, college, false AS in_sheet FROM election_roll WHERE election_id = $1 ORDER BY structure_id`, id)
	return list, postgres.Wrap(err, "roll of election %d", id)
}

// askToCheck writes to the people of each structure of the lines how it stands on the
// roll, by the rhythm they chose.
func (s *Service) askToCheck(ctx context.Context, tx pgx.Tx, e election.Election, until time.Time, lines []Entry) error {
	ids := make([]access.OrganisationID, len(lines))
	at := map[access.OrganisationID]Entry{}
	for i, l := range lines {
		ids[i], at[l.Structure] = l.Structure, l
	}
	to, err := election.ContactsOf(ctx, tx, ids)
	if err != nil {
		return err
	}
	notices := make([]notify.Notice, len(to))
	for i, c := range to {
		l := at[c.Structure]
		notices[i] = notify.Notice{Person: c.Person, Address: c.Email, Name: c.Name, Kind: kindRoll,
			Subject: french.Typo("Vérifiez l’inscription de « " + l.Name + " » sur la liste électorale"),
			Text: french.Typo("« " + l.Name + " » est inscrite dans le collège « " + l.College.Label() + " » pour élire les représentants du Groupe Numérique Inclusif (GNI). " +
				"Une erreur ? Dites-le avant le " + french.DateTime(until) + "."),
			Action: "Vérifier la liste", Link: listAddress(s.baseURL, e.ID)}
	}
	return s.outbox.Tell(ctx, tx, notices)
}

// Refresh makes the provisional roll follow the register. It returns what changed; the
// structures added are asked to look at their line.
func (s *Service) Refresh(ctx context.Context, by access.Actor, id election.ID) (changed []Change, err error) {
	err = postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		e, err := lockProvisional(ctx, tx, by, id)
		if err != nil {
			return err
		}
		changed, err = s.refresh(ctx, tx, by, e)
		return err
	})
	return changed, err
}

// refresh is Refresh in a transaction that holds the election.
func (s *Service) refresh(ctx context.Context, tx pgx.Tx, by access.Actor, e election.Election) ([]Change, error) {
	changed, err := Changes(ctx, tx, e.ID)
	if err != nil || len(changed) == 0 {
		return nil, err
	}
	if err := follow(ctx, tx, e.ID); err != nil {
		return nil, err
	}
	var added []Entry
	said := map[string][]string{}
	for _, c := range changed {
		said[c.Kind] = append(said[c.Kind], c.NewName)
		if c.Kind == "add" {
			added = append(added, Entry{Structure: c.Structure, Name: c.NewName, College: c.NewCollege})
		}
	}
	if err := election.Record(ctx, tx, by, "roll", e, nil, map[string]any{"ajoutees": said["add"], "retirees": said["remove"], "changees": said["change"]}); err != nil {
		return nil, err
	}
	if len(added) == 0 || e.ClaimsUntil == nil || !e.Now.Before(*e.ClaimsUntil) {
		return changed, nil
	}
	return changed, s.askToCheck(ctx, tx, e, *e.ClaimsUntil, added)
}
