package structure

import (
	"context"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// LeaveWithin is how many days ahead a departure may be set.
const LeaveWithin = 90

var _ = notify.NameKinds(map[string]string{"structure_left": "Départ d’une structure du GNI"})

// Leave records that a structure leaves the GNI, by itself or by the team: it is no
// longer convened nor shown in the directory, its seat closes on the day, what was
// stays in the compositions of the past, and it may come back. A structure chooses
// today or a day to come; the team, who may hear of it late, a past one too. A seat
// that opened on the day closes on the next one. version is that of the sheet, 0 for
// any. Fields: fin, motif.
func (s *Service) Leave(ctx context.Context, by access.Actor, id ID, version int, on day.Day, reason string) error {
	switch {
	case on.IsZero():
		return problem.OnField("fin", "Saisissez le jour du départ.")
	case utf8.RuneCountInString(reason) > 300:
		return problem.OnField("motif", "Gardez 300 caractères au plus.")
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		right, err := require(ctx, tx, by, id, Manager)
		if err != nil {
			return err
		}
		sheet, err := lock(ctx, tx, id, version)
		switch {
		case err != nil:
			return err
		case sheet.State == Left:
			return problem.New(problem.Conflict, "Cette structure a déjà quitté le GNI.")
		case sheet.State != Accepted && sheet.State != Suspended:
			return problem.New(problem.Conflict, "Cette structure n’est pas membre du GNI.")
		}
		told, err := managers(ctx, tx, id) // while they still are
		if err != nil {
			return err
		}
		if on, err = s.closeFor(ctx, tx, by, sheet, on, reason, right); err != nil {
			return err
		}
		if err := setState(ctx, tx, id, Left); err != nil {
			return err
		}
		note := "Le " + french.Date(on) + "."
		if reason != "" {
			note += " " + reason
		}
		if err := step(ctx, tx, by, id, StepLeft, note); err != nil {
			return err
		}
		if err := record(ctx, tx, by, "leave", sheet, map[string]any{"etat": sheet.State}, map[string]any{"etat": Left, "fin": on, "motif": reason}); err != nil {
			return err
		}
		_, err = s.outbox.QueueMany(ctx, tx, s.leftMails(sheet, told, on))
		return err
	})
}

// leavingSeat is the seat a structure leaves, with the day of today.
type leavingSeat struct {
	Today day.Day `db:"today"`
	From  day.Day `db:"from_day"` // zero: its seat is closed already (suspended)
	Until day.Day `db:"until_day"`
}

// closeFor closes the seat of a structure and returns the day it closes.
func (s *Service) closeFor(ctx context.Context, tx pgx.Tx, by access.Actor, sheet Sheet, on day.Day, reason string, right Right) (day.Day, error) {
	seat, err := postgres.One[leavingSeat](ctx, tx, spaceSeatSQL, sheet.ID)
	switch {
	case err != nil:
		return on, postgres.Wrap(err, "seat of structure %d", sheet.ID)
	case on.Before(seat.Today) && right < Team:
		return on, problem.OnField("fin", "Choisissez aujourd’hui ou un jour à venir.")
	case on.After(seat.Today.AddDays(LeaveWithin)):
		return on, problem.OnField("fin", "Choisissez un jour dans les trois mois à venir.")
	case seat.From.IsZero():
		return on, nil
	}
	if !on.Before(seat.Today) && !on.After(seat.From) {
		on = seat.From.AddDays(1)
	}
	return on, s.governance.Unseat(ctx, tx, by, governance.Departure{Organisation: sheet.ID, On: on, Reason: reason})
}

// leftMails tells those who managed the structure.
func (s *Service) leftMails(sheet Sheet, told []recipient, on day.Day) []notify.Mail {
	out := make([]notify.Mail, len(told))
	for i, r := range told {
		out[i] = notify.Mail{
			Kind: "structure_left", ToAddress: r.Email, ToName: r.Name,
			Subject: french.Typo("« " + sheet.Name + " » quitte le GNI"),
			Paragraphs: []string{
				french.Typo("La structure « " + sheet.Name + " » quitte le Groupe Numérique Inclusif (GNI) : son siège ferme le " + french.LongDate(on) + "."),
				french.Typo("Elle ne reçoit plus de convocation et n’est plus dans l’annuaire. Ce qu’elle a fait reste dans l’histoire de la gouvernance."),
				french.Typo("Elle peut revenir : il suffit de s’inscrire de nouveau, ou d’écrire à l’équipe en répondant à ce message."),
			},
			Action: "S’inscrire de nouveau", Link: s.baseURL + "/structures/inscription", Why: whyManager,
		}
	}
	return out
}
