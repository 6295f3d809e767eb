package voting

import (
	"bordeaux-metropole.fr/portal/internal/election/belenios"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// Why a ballot is not taken. Fields: code, choix (the page puts them where they were
// typed). None of these sentences says what was chosen.
var (
	ErrNotOnRoll = problem.New(problem.Forbidden, "Votre structure n’est pas sur la liste électorale de cette élection.")
	ErrNotYet    = problem.New(problem.Conflict, "Le vote n’est pas encore ouvert : votre bulletin n’a pas été reçu.")
	ErrClosed    = problem.New(problem.Gone, "Le vote est clos : votre bulletin est arrivé après l’heure de clôture. Il n’a pas été reçu et ne sera pas compté.")
	ErrNoBox     = problem.New(problem.Conflict, "L’urne n’est pas prête : votre bulletin n’a pas été reçu.")
	ErrOther     = problem.New(problem.Conflict, "Ce bulletin a été préparé pour une autre élection ou un autre collège : il n’a pas été reçu. Ouvrez de nouveau la page de vote.")
	ErrMalformed = problem.New(problem.Conflict, "Ce bulletin n’est pas lisible ou a été altéré : il n’a pas été reçu. Ouvrez de nouveau la page de vote.")

	ErrCodeTyped   = problem.OnField("code", "Ce code est mal recopié : vérifiez-le signe par signe. Les majuscules et les minuscules comptent.")
	ErrCodeMissing = problem.OnField("code", "Saisissez le code de vote de votre structure.")
	ErrCodeUnknown = problem.OnField("code", "Ce code n’ouvre pas l’urne de votre collège : il est peut-être celui d’une autre structure ou d’une autre élection. Votre bulletin n’a pas été reçu.")
	ErrCodeTaken   = problem.OnField("code", "Un bulletin a déjà été reçu avec ce code, et votre structure n’a pas voté : ce code est sans doute celui d’une autre structure. Votre bulletin n’a pas été reçu. Prévenez l’équipe.")
	ErrCodeChanged = problem.OnField("code", "Ce code n’est pas celui du premier vote de votre structure : pour remplacer son bulletin, utilisez le même code.")
)

// AlreadyVoted refuses a ballot of a structure that voted. The day is not kept: it
// cannot be told. Tracker is that of the ballot which the code sent opens, "" when it
// opens none: who has the code may know it, the archive shows as much.
type AlreadyVoted struct{ Tracker string }

// Error is the sentence to show.
func (AlreadyVoted) Error() string {
	return "Votre structure a déjà voté : son premier bulletin compte, celui-ci n’a pas été reçu."
}

// Unwrap makes it a conflict for web/page.
func (e AlreadyVoted) Unwrap() error { return problem.New(problem.Conflict, e.Error()) }

// refused says what a fault of the protocol means to who votes.
func refused(err error) error {
	switch belenios.FaultOf(err) {
	case "":
		return err
	case belenios.WrongElection:
		return &problem.Error{Kind: ErrOther.Kind, Message: ErrOther.Message, Err: err}
	case belenios.BadCode:
		return ErrCodeTyped
	}
	return &problem.Error{Kind: ErrMalformed.Kind, Message: ErrMalformed.Message, Err: err}
}
