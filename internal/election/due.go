package election

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

// Due tells whether the hour of closing is past and the boxes still take their closing
// event. No ballot enters them any more: the clock alone refuses it (Voting).
func (e Election) Due() bool {
	return e.Phase == Open && e.ClosesAt != nil && !e.Now.Before(*e.ClosesAt)
}

// CloseIfDue closes an election that was read open after its hour, and returns it as it
// then is. It costs nothing otherwise: pages call it with what they loaded, so that none
// shows an open vote while the chore is late.
func CloseIfDue(ctx context.Context, db postgres.DB, outbox *notify.Outbox, baseURL string, e Election) (Election, error) {
	if !e.Due() {
		return e, nil
	}
	by := access.System("Clôture automatique du vote")
	err := postgres.InTx(ctx, db, func(tx pgx.Tx) error {
		now, err := Lock(ctx, tx, by, e.ID)
		if err != nil {
			return err
		}
		if e = now; !e.Due() { // closed or extended meanwhile
			return nil
		}
		if err := EndBallots(ctx, tx, by, e); err != nil {
			return err
		}
		err = TellBoard(ctx, tx, outbox, 0, notify.Mail{Kind: kindAct, Subject: french.Typo("Le vote est clos : " + e.Title),
			Paragraphs: []string{"Le vote s’est clos à l’heure prévue. Le dépouillement se décide à deux ; ensuite, chaque porteur de clé dépose son déchiffrement partiel."},
			Action:     "Voir l’élection", Link: Address(baseURL, e.ID),
			Why: "Vous recevez ce message parce que vous organisez ou surveillez cette élection."}, access.Scrutineer, access.Team)
		if err != nil {
			return err
		}
		e, err = Load(ctx, tx, by, e.ID)
		return err
	})
	return e, err
}

// CloseDue closes every election whose hour is past. A chore: several instances may run
// it at the same time, and a page opened late does the same (CloseIfDue).
func (s *Service) CloseDue(ctx context.Context) error {
	due, err := postgres.Values[ID](ctx, s.db, `SELECT id FROM election WHERE phase = 'open' AND closes_at <= clock_timestamp() ORDER BY id`)
	if err != nil {
		return postgres.Wrap(err, "elections due")
	}
	var failures []error
	for _, id := range due { // seldom more than one
		e, err := Load(ctx, s.db, access.System("Clôture automatique du vote"), id)
		if err == nil {
			_, err = CloseIfDue(ctx, s.db, s.outbox, s.baseURL, e)
		}
		if err != nil {
			failures = append(failures, postgres.Wrap(err, "close election %d", id))
		}
	}
	return errors.Join(failures...)
}
