package election

import (
	"context"
	"encoding/hex"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/structure"
)

// Plan is what an election begins with.
type Plan struct {
	Title string
	Rules Rules
	// Complements is the election whose empty seats this one fills; nil for none.
	Complements *ID
}

var (
	errFrozen    = problem.New(problem.Conflict, "Le règlement est publié : il ne change plus.")
	errSealed    = problem.New(problem.Conflict, "Les listes sont arrêtées : seule une prolongation du vote, décidée à deux, change encore une date.")
	errCancelled = problem.New(problem.Conflict, "Cette élection est abandonnée.")
)

// checkTitle is field: titre.
func checkTitle(title string) error {
	switch {
	case title == "":
		return problem.OnField("titre", "Donnez un titre à l’élection.")
	case utf8.RuneCountInString(title) > 200:
		return problem.OnField("titre", "Gardez 200 caractères au plus.")
	}
	return nil
}

// lockForTeam locks an election for somebody who runs the governance.
func lockForTeam(ctx context.Context, tx pgx.Tx, by access.Actor, id ID) (Election, error) {
	e, err := Lock(ctx, tx, by, id)
	if err != nil {
		return e, err
	}
	return e, by.Require(by.RunsBodies())
}

// Create prepares an election. Fields: titre, and the names of the points.
func (s *Service) Create(ctx context.Context, by access.Actor, in Plan) (id ID, err error) {
	err = postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		id, err = CreateIn(ctx, tx, by, in)
		return err
	})
	return id, err
}

// CreateIn is Create in a transaction the caller has: an election to fill the seats
// that another one left empty begins with the act that says so.
func CreateIn(ctx context.Context, tx pgx.Tx, by access.Actor, in Plan) (ID, error) {
	if err := by.Require(by.RunsBodies()); err != nil {
		return 0, err
	}
	if err := checkTitle(in.Title); err != nil {
		return 0, err
	}
	if err := in.Rules.Check(); err != nil {
		return 0, err
	}
	if in.Complements != nil {
		first, err := Hold(ctx, tx, by, *in.Complements)
		if err != nil {
			return 0, err
		}
		if !first.Phase.Reached(Proclaimed) {
			return 0, problem.OnField("complete", "Une élection complémentaire suit une élection dont le résultat est proclamé.")
		}
	}
	id, err := postgres.Value[ID](ctx, tx, `INSERT INTO election (title, rules, complements) VALUES ($1, $2, $3) RETURNING id`, in.Title, in.Rules.Text(), in.Complements)
	if err != nil {
		return 0, postgres.Wrap(err, "create an election")
	}
	return id, Record(ctx, tx, by, "create", Election{ID: id, Title: in.Title}, nil, map[string]any{"rules": in.Rules, "complements": in.Complements})
}

// ChangeRules changes title and rules before they are published. Fields: titre, and the
// names of the points.
func (s *Service) ChangeRules(ctx context.Context, by access.Actor, id ID, version int, title string, r Rules) error {
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		e, err := lockForTeam(ctx, tx, by, id)
		switch {
		case err != nil:
			return err
		case e.Phase != Draft:
			return errFrozen
		case e.Version != version:
			return ErrStale
		}
		if err := checkTitle(title); err != nil {
			return err
		}
		if err := r.Check(); err != nil {
			return err
		}
		if _, err := postgres.Exec(ctx, tx, `UPDATE election SET title = $2, rules = $3, version = version + 1 WHERE id = $1`, id, title, r.Text()); err != nil {
			return postgres.Wrap(err, "change the rules of election %d", id)
		}
		return Record(ctx, tx, by, "change", e, map[string]any{"title": e.Title, "rules": e.Rules}, map[string]any{"title": title, "rules": r})
	})
}

// ChangeDates changes the dates: all of them in a draft, then only those to come, and
// none once the lists are sealed (see ActExtend). Who was told of a date is told of its
// change. Fields: the names of DateFields.
func (s *Service) ChangeDates(ctx context.Context, by access.Actor, id ID, version int, to Dates) error {
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		e, err := lockForTeam(ctx, tx, by, id)
		switch {
		case err != nil:
			return err
		case e.Phase == Cancelled:
			return errCancelled
		case e.Phase.Reached(Sealed):
			return errSealed
		case e.Version != version:
			return ErrStale
		}
		names := []string{"draft"}
		if e.Phase != Draft {
			if names, err = e.Dates().moved(to, e.Now); err != nil {
				return err
			}
			if err := to.complete(e.Rules); err != nil {
				return err
			}
		}
		if err := to.order(e.Now); err != nil {
			return err
		}
		if len(names) == 0 {
			return nil
		}
		if err := writeDates(ctx, tx, by, e, to); err != nil || e.Phase == Draft {
			return err
		}
		return s.tellDates(ctx, tx, e, to, names)
	})
}

func writeDates(ctx context.Context, tx pgx.Tx, by access.Actor, e Election, to Dates) error {
	_, err := postgres.Exec(ctx, tx, `
		UPDATE election SET claims_until = $2, candidacies_from = $3, candidacies_until = $4, withdraw_until = $5, opens_at = $6, closes_at = $7,
			version = version + 1 WHERE id = $1`, e.ID, to.ClaimsUntil, to.CandidaciesFrom, to.CandidaciesUntil, to.WithdrawUntil, to.OpensAt, to.ClosesAt)
	if err != nil {
		return postgres.Wrap(err, "dates of election %d", e.ID)
	}
	return Record(ctx, tx, by, "change", e, map[string]any{"dates": e.Dates()}, map[string]any{"dates": to})
}

// Publish freezes the rules with their hash, and tells the structures of the GNI. From
// then on everybody may know of the election. Fields: the names of DateFields.
func (s *Service) Publish(ctx context.Context, by access.Actor, id ID, version int) (told int, err error) {
	err = postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		e, err := lockForTeam(ctx, tx, by, id)
		switch {
		case err != nil:
			return err
		case e.Phase != Draft:
			return errFrozen
		case e.Version != version:
			return ErrStale
		}
		if err := e.Rules.Check(); err != nil {
			return err
		}
		if err := e.Dates().publishable(e.Now, e.Rules); err != nil {
			return err
		}
		text := e.Rules.Text()
		hash := RulesHash(text)
		if _, err := postgres.Exec(ctx, tx, `UPDATE election SET rules = $2, rules_sha256 = $3, rules_published_at = clock_timestamp() WHERE id = $1`, id, text, hash[:]); err != nil {
			return postgres.Wrap(err, "publish the rules of election %d", id)
		}
		if err := Record(ctx, tx, by, "publish", e, nil, map[string]any{"sha256": hex.EncodeToString(hash[:]), "dates": e.Dates()}); err != nil {
			return err
		}
		if err := SetPhase(ctx, tx, by, e, Published); err != nil {
			return err
		}
		told, err = s.tellPublished(ctx, tx, e)
		return err
	})
	return told, err
}

// Cancel gives an election up, before its vote opens. Field: motif.
func (s *Service) Cancel(ctx context.Context, by access.Actor, id ID, version int, reason string) error {
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		e, err := lockForTeam(ctx, tx, by, id)
		switch {
		case err != nil:
			return err
		case e.Phase == Cancelled:
			return errCancelled
		case e.Phase.Reached(Open):
			return problem.New(problem.Conflict, "Le vote a été ouvert : l’élection va à son terme.")
		case e.Version != version:
			return ErrStale
		}
		if err := checkReason(reason); err != nil {
			return err
		}
		if _, err := postgres.Exec(ctx, tx, `UPDATE election SET phase = 'cancelled', cancelled_reason = $2, version = version + 1 WHERE id = $1`, id, reason); err != nil {
			return postgres.Wrap(err, "cancel election %d", id)
		}
		if err := Record(ctx, tx, by, "cancel", e, map[string]any{"phase": e.Phase}, map[string]any{"reason": reason}); err != nil {
			return err
		}
		if e.SealedAt != nil { // the colleges were held for this roll alone
			if err := structure.EndFreeze(ctx, tx, by); err != nil {
				return err
			}
		}
		if e.Phase == Draft {
			return nil
		}
		return s.tellCancelled(ctx, tx, e, reason)
	})
}

// checkReason is field: motif.
func checkReason(reason string) error {
	switch {
	case reason == "":
		return problem.OnField("motif", "Dites pourquoi, en une ou deux phrases.")
	case utf8.RuneCountInString(reason) > 500:
		return problem.OnField("motif", "Gardez 500 caractères au plus.")
	}
	return nil
}

// Named is what must be known before it can serve anybody.
type Named struct {
	OrderSeed string // the order of the candidates is drawn from it
	TieSource string // the draw that settles ties
}

// Name writes the seed of the order, once for all after the rules are published, and the
// source that settles ties, until the vote closes. Fields: order_seed, tie_source.
func (s *Service) Name(ctx context.Context, by access.Actor, id ID, version int, n Named) error {
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		e, err := lockForTeam(ctx, tx, by, id)
		switch {
		case err != nil:
			return err
		case e.Phase == Cancelled:
			return errCancelled
		case e.Version != version:
			return ErrStale
		}
		if err := e.names(n); err != nil {
			return err
		}
		if _, err := postgres.Exec(ctx, tx, `UPDATE election SET order_seed = $2, tie_source = $3, version = version + 1 WHERE id = $1`, id, n.OrderSeed, n.TieSource); err != nil {
			return postgres.Wrap(err, "name the draws of election %d", id)
		}
		return Record(ctx, tx, by, "change", e, Named{e.OrderSeed, e.TieSource}, n)
	})
}

// names refuses a seed or a source that somebody could choose knowing what it gives.
func (e Election) names(n Named) error {
	switch {
	case utf8.RuneCountInString(n.OrderSeed) > 200:
		return problem.OnField("order_seed", "Gardez 200 caractères au plus.")
	case utf8.RuneCountInString(n.TieSource) > 300:
		return problem.OnField("tie_source", "Gardez 300 caractères au plus.")
	case n.OrderSeed != e.OrderSeed && e.Phase.Reached(Sealed):
		return problem.OnField("order_seed", "L’ordre des candidatures est tiré : ce texte ne change plus.")
	case n.OrderSeed != e.OrderSeed && e.OrderSeed != "" && e.Phase != Draft:
		return problem.OnField("order_seed", "Ce texte est publié : il ne change plus, sinon on pourrait choisir l’ordre qu’il donne.")
	case n.TieSource != e.TieSource && (e.Phase.Reached(Closed) || e.ClosesAt != nil && e.Phase.Reached(Sealed) && !e.Now.Before(*e.ClosesAt)):
		return problem.OnField("tie_source", "Le vote est clos : la source du tirage devait être nommée avant.")
	case n.TieSource == "" && e.TieSource != "" && e.Phase.Reached(Open):
		return problem.OnField("tie_source", "Le vote est ouvert : une source doit rester nommée.")
	}
	return nil
}
