package count

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// mostValue is the longest value of a draw (constraint election_draw_value_check).
const mostValue = 200

var errNoDraw = refuse("Aucune égalité n’attend de tirage au sort.")

// lockDraw locks an election whose ties wait for the outside draw.
func (s *Service) lockDraw(ctx context.Context, tx pgx.Tx, by access.Actor, id election.ID) (Result, error) {
	if err := by.Require(by.RunsBodies() || by.Is(access.Scrutineer)); err != nil {
		return Result{}, err
	}
	if _, err := election.Lock(ctx, tx, by, id); err != nil {
		return Result{}, err
	}
	r, err := s.result(ctx, tx, by, id)
	if err == nil && (r.Election.Phase != election.Counted || !r.DrawNeeded()) {
		err = errNoDraw
	}
	return r, err
}

// ProposeDraw writes what the outside draw gave, over what somebody wrote before it was
// confirmed. seen is the version shown, 0 when there was none. Field: valeur.
func (s *Service) ProposeDraw(ctx context.Context, by access.Actor, id election.ID, seen int, value string) error {
	value = strings.Join(strings.Fields(value), " ")
	switch n := utf8.RuneCountInString(value); {
	case n == 0:
		return problem.OnField("valeur", "Écrivez ce que le tirage a donné, dans l’ordre où le règlement le lit.")
	case n > mostValue:
		return problem.OnField("valeur", "Gardez 200 caractères au plus.")
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		r, err := s.lockDraw(ctx, tx, by, id)
		if err != nil {
			return err
		}
		if r.Draw != nil && r.Draw.Version != seen || r.Draw == nil && seen != 0 {
			return election.ErrStale
		}
		_, err = postgres.Exec(ctx, tx, `
			INSERT INTO election_draw (election_id, value, proposed_by) VALUES ($1, $2, $3)
			ON CONFLICT (election_id) DO UPDATE SET value = excluded.value, proposed_by = excluded.proposed_by, proposed_at = now(), version = election_draw.version + 1`,
			id, value, by.Person)
		if err != nil {
			return postgres.Wrap(err, "write the draw of election %d", id)
		}
		return election.Record(ctx, tx, by, "tie", r.Election, nil, map[string]any{"source": r.Election.TieSource, "valeur": value, "a_confirmer": true})
	})
}

// ConfirmDraw confirms what another person wrote: ties are settled with it. As for the
// acts of two people, the team alone does not suffice: the votes are known by then, and
// a value can be chosen for what it gives. One of the two holds a key, or confirms as a
// scrutineer.
func (s *Service) ConfirmDraw(ctx context.Context, by access.Actor, id election.ID, seen int) error {
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		r, err := s.lockDraw(ctx, tx, by, id)
		switch {
		case err != nil:
			return err
		case r.Draw == nil || r.Draw.Version != seen:
			return election.ErrStale
		case r.Draw.By == by.Person:
			return refuse("Une autre personne que celle qui l’a écrite doit confirmer la valeur du tirage.")
		case !r.MayConfirmDraw(by):
			return refuse("Deux personnes de l’équipe ne suffisent pas : l’une des deux doit être scrutateur, car cette valeur choisit les élus.")
		}
		if _, err := postgres.Exec(ctx, tx, `UPDATE election_draw SET confirmed_by = $2, confirmed_at = clock_timestamp() WHERE election_id = $1`, id, by.Person); err != nil {
			return postgres.Wrap(err, "confirm the draw of election %d", id)
		}
		if _, err := postgres.Exec(ctx, tx, `UPDATE election SET tie_seed = $2, version = version + 1 WHERE id = $1`, id, r.Draw.Value); err != nil {
			return postgres.Wrap(err, "seed of election %d", id)
		}
		r.Election.TieSeed = r.Draw.Value
		if err := s.rankAll(ctx, tx, r.Closing); err != nil {
			return err
		}
		return election.Record(ctx, tx, by, "tie", r.Election, nil, map[string]any{"source": r.Election.TieSource, "valeur": r.Draw.Value, "ecrite_par": r.Draw.ByName})
	})
}

// MayConfirmDraw tells whether the actor may confirm the value that was written.
func (c Closing) MayConfirmDraw(by access.Actor) bool {
	return c.Draw != nil && c.Draw.By != by.Person && (by.Is(access.Scrutineer) || by.RunsBodies() && c.holds(c.Draw.By))
}

// holds tells whether somebody holds a key of the election.
func (c Closing) holds(p access.PersonID) bool {
	return slices.ContainsFunc(c.Holders, func(k KeyHolder) bool { return k.Person == p })
}
