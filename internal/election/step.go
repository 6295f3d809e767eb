package election

import (
	"time"

	"bordeaux-metropole.fr/portal/internal/french"
)

// Hand is who must do the next step of an election.
type Hand string

// The closed set of hands.
const (
	TeamHand       Hand = "team"
	StructuresHand Hand = "structures"
	KeepersHand    Hand = "keepers"
	TwoHands       Hand = "two" // one proposes, another confirms
	ChairHand      Hand = "chair"
	CodesHand      Hand = "codes" // the person who makes the codes, out of the portal
	PortalHand     Hand = "portal"
	NoHand         Hand = ""
)

// Label returns who it is, in French, inside a sentence.
func (h Hand) Label() string {
	switch h {
	case TeamHand:
		return "l’équipe métropolitaine"
	case StructuresHand:
		return "les structures du GNI"
	case KeepersHand:
		return "les porteurs de clés"
	case TwoHands:
		return "deux personnes (l’une propose, l’autre confirme)"
	case ChairHand:
		return "la présidence"
	case CodesHand:
		return "la personne chargée des codes de vote"
	case PortalHand:
		return "le portail, de lui-même"
	}
	return ""
}

// Facts is what the next step depends on, beside the election itself. None of it says
// anything of a ballot.
type Facts struct {
	OnRoll       int  `json:"on_roll"`
	Claims       int  `json:"claims"`     // to answer
	ToExamine    int  `json:"to_examine"` // candidacies
	Accepted     int  `json:"accepted"`   // candidacies, those withdrawn late left out
	Trustees     int  `json:"trustees"`
	Keys         int  `json:"keys"`  // public keys in
	Boxes        int  `json:"boxes"` // those of the rehearsal left out
	Coded        int  `json:"coded"` // boxes whose public codes are in
	CountDecided bool `json:"count_decided"`
	Partials     int  `json:"partials"` // partial decryptions in
	Minutes      bool `json:"minutes"`  // a procès-verbal was established
	Followed     *ID  `json:"followed"` // the complementary election, if one was created
	Waiting      int  `json:"waiting"`  // acts that wait for a second person
}

// PartialsDue is how many partial decryptions the count needs.
func (f Facts) PartialsDue() int { return f.Trustees * f.Boxes }

// Step says where an election is and what comes next.
type Step struct {
	Where string
	Next  string // what is to be done; "" when nothing is
	Who   Hand
	Until *time.Time // the last moment, nil for none
	Late  bool       // Until is past
}

// NextStep is where the election is, what comes next, who must do it and until when. A
// pure function of what was read, for every page to say the same.
func NextStep(e Election, f Facts) Step {
	s := nextStep(e, f)
	s.Late = s.Until != nil && !e.Now.Before(*s.Until)
	return s
}

func nextStep(e Election, f Facts) Step {
	switch e.Phase {
	case Draft:
		return Step{Where: "Le règlement se prépare.", Next: "Fixer les règles et les dates, puis publier le règlement", Who: TeamHand}
	case Published:
		return Step{Where: "Le règlement est publié et ne change plus.", Next: "Montrer la liste électorale provisoire", Who: TeamHand, Until: e.CandidaciesFrom}
	case Roll:
		return rollStep(e, f)
	case Candidacies:
		return candidaciesStep(e, f)
	case Sealed:
		return ceremonyStep(e, f)
	case Ready:
		return readyStep(e)
	case Open:
		return openStep(e)
	case Closed:
		return closedStep(f)
	case Counted:
		return Step{Where: "Le résultat est connu et publié.", Next: "Proclamer le résultat", Who: ChairHand}
	case Proclaimed:
		if e.Contesting() {
			return Step{Where: "Le résultat est proclamé.", Next: "Contester le résultat, s’il y a lieu, devant le tribunal administratif", Who: StructuresHand, Until: e.ContestUntil}
		}
		return Step{Where: "Le résultat est proclamé et le délai pour le contester est passé.", Next: "Archiver l’élection", Who: PortalHand}
	case Archived:
		return archivedStep(e)
	case Destroyed:
		return Step{Where: "L’élection est terminée. Les bulletins et les listes sont détruits, le procès-verbal est gardé."}
	case Cancelled:
		return Step{Where: "L’élection est abandonnée : " + e.CancelledReason}
	}
	return Step{}
}

func rollStep(e Election, f Facts) Step {
	const where = "La liste électorale provisoire est publiée."
	switch {
	case e.CandidaciesFrom != nil && !e.Now.Before(*e.CandidaciesFrom):
		return Step{Where: where, Next: "Ouvrir le dépôt des candidatures", Who: TeamHand, Until: e.CandidaciesFrom}
	case e.Claiming():
		return Step{Where: where, Next: "Vérifier son inscription, et réclamer si elle est fausse", Who: StructuresHand, Until: e.ClaimsUntil}
	case f.Claims > 0:
		return Step{Where: where, Next: "Répondre à " + french.Count(f.Claims, "réclamation", "réclamations"), Who: TeamHand, Until: e.CandidaciesFrom}
	}
	return Step{Where: where, Next: "Ouvrir le dépôt des candidatures", Who: TeamHand, Until: e.CandidaciesFrom}
}

func candidaciesStep(e Election, f Facts) Step {
	switch {
	case e.CandidaciesFrom != nil && e.Now.Before(*e.CandidaciesFrom):
		return Step{Where: "Le dépôt des candidatures ouvre le " + french.DateTime(*e.CandidaciesFrom) + ".", Next: "Préparer sa candidature", Who: StructuresHand, Until: e.CandidaciesUntil}
	case e.Standing():
		return Step{Where: "Les candidatures sont reçues.", Next: "Déposer une candidature", Who: StructuresHand, Until: e.CandidaciesUntil}
	case f.ToExamine > 0:
		return Step{Where: "Le dépôt des candidatures est terminé.", Next: "Examiner " + french.Count(f.ToExamine, "candidature", "candidatures"), Who: TeamHand, Until: e.WithdrawUntil}
	case f.Claims > 0:
		return Step{Where: "Le dépôt des candidatures est terminé.", Next: "Répondre à " + french.Count(f.Claims, "réclamation", "réclamations"), Who: TeamHand, Until: e.WithdrawUntil}
	case e.WithdrawUntil != nil && e.Now.Before(*e.WithdrawUntil):
		return Step{Where: "Le dépôt des candidatures est terminé.", Next: "Retirer sa candidature, si on y renonce", Who: StructuresHand, Until: e.WithdrawUntil}
	case e.OrderSeed == "":
		return Step{Where: "Le dépôt des candidatures est terminé.", Next: "Publier le texte dont l’ordre des candidatures est tiré", Who: TeamHand, Until: e.OpensAt}
	}
	return Step{Where: "Le dépôt des candidatures est terminé.", Next: "Arrêter la liste électorale et les candidatures, et tirer leur ordre", Who: TeamHand, Until: e.OpensAt}
}

func ceremonyStep(e Election, f Facts) Step {
	s := Step{Where: "La liste électorale et les candidatures sont arrêtées. La cérémonie des clés est en cours.", Until: e.OpensAt}
	switch {
	case f.Trustees < e.Rules.Trustees:
		s.Next, s.Who = "Désigner les porteurs de clés", TeamHand
	case f.Keys < f.Trustees:
		s.Next, s.Who = "Déposer sa clé publique ("+french.Number(f.Keys)+" sur "+french.Number(f.Trustees)+")", KeepersHand
	case f.Coded < f.Boxes:
		s.Next, s.Who = "Déposer les codes de vote publics", CodesHand
	default:
		s.Next, s.Who = "Terminer la cérémonie : répétition, urne vide constatée, urne scellée", KeepersHand
	}
	return s
}

func readyStep(e Election) Step {
	s := Step{Where: "L’urne est vide et scellée.", Next: "Ouvrir le vote", Who: TwoHands, Until: e.OpensAt}
	switch {
	case e.ClosesAt != nil && !e.Now.Before(*e.ClosesAt):
		s.Next, s.Until = "Prolonger le vote, dont l’heure de clôture est passée, ou abandonner l’élection", e.ClosesAt
	case e.TieSource == "":
		s.Next, s.Who = "Nommer le tirage au sort qui départagera une égalité", TeamHand
	}
	return s
}

func openStep(e Election) Step {
	switch {
	case e.OpensAt != nil && e.Now.Before(*e.OpensAt):
		return Step{Where: "Le vote est autorisé : il commence le " + french.DateTime(*e.OpensAt) + ".", Next: "Retrouver son code de vote", Who: StructuresHand, Until: e.OpensAt}
	case e.Voting():
		return Step{Where: "Le vote est ouvert.", Next: "Voter", Who: StructuresHand, Until: e.ClosesAt}
	}
	return Step{Where: "Le vote est terminé.", Next: "Fermer l’urne", Who: PortalHand}
}

func closedStep(f Facts) Step {
	const where = "Le vote est clos : plus aucun bulletin n’entre dans l’urne."
	switch {
	case !f.CountDecided:
		return Step{Where: where, Next: "Décider le dépouillement", Who: TwoHands}
	case f.Partials < f.PartialsDue():
		return Step{Where: where, Next: "Déposer son déchiffrement partiel (" + french.Number(f.Partials) + " sur " + french.Number(f.PartialsDue()) + ")", Who: KeepersHand}
	}
	return Step{Where: where, Next: "Calculer le résultat", Who: TeamHand}
}

func archivedStep(e Election) Step {
	const where = "L’élection est archivée."
	if until := e.RetainUntil(); until != nil && e.Now.Before(*until) {
		return Step{Where: where + " Les bulletins chiffrés sont gardés jusqu’au " + french.DateTime(*until) + "."}
	}
	return Step{Where: where, Next: "Détruire les bulletins et les listes", Who: TwoHands}
}
