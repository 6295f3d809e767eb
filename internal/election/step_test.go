package election_test

import (
	"testing"
	"time"

	"bordeaux-metropole.fr/portal/internal/election"
)

// TestNextStep: for every phase, in and out of its hours, who must do what until when.
func TestNextStep(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, time.October, 1, 8, 0, 0, 0, time.UTC)
	in := func(days int) *time.Time { d := start.AddDate(0, 0, days); return &d }
	base := election.Election{Rules: election.DefaultRules(), ClaimsUntil: in(10), CandidaciesFrom: in(12), CandidaciesUntil: in(26), WithdrawUntil: in(28),
		OpensAt: in(35), ClosesAt: in(45), ContestUntil: in(60), OrderSeed: "Loto", TieSource: "Loto"}
	keys := election.Facts{Trustees: 3, Keys: 3, Boxes: 2, Coded: 2}
	for _, c := range []struct {
		name  string
		phase election.Phase
		day   int
		facts election.Facts
		edit  func(*election.Election)
		next  string
		who   election.Hand
		until *time.Time
		late  bool
	}{
		{name: "draft", phase: election.Draft, next: "Fixer les règles et les dates, puis publier le règlement", who: election.TeamHand},
		{name: "published", phase: election.Published, next: "Montrer la liste électorale provisoire", who: election.TeamHand, until: in(12)},
		{name: "published, late", phase: election.Published, day: 12, next: "Montrer la liste électorale provisoire", who: election.TeamHand, until: in(12), late: true},
		{name: "claims", phase: election.Roll, day: 9, next: "Vérifier son inscription, et réclamer si elle est fausse", who: election.StructuresHand, until: in(10)},
		{name: "claims to answer", phase: election.Roll, day: 10, facts: election.Facts{Claims: 2}, next: "Répondre à 2\u00a0réclamations", who: election.TeamHand, until: in(12)},
		{name: "claims answered", phase: election.Roll, day: 10, next: "Ouvrir le dépôt des candidatures", who: election.TeamHand, until: in(12)},
		{name: "candidacies late", phase: election.Roll, day: 12, facts: election.Facts{Claims: 2}, next: "Ouvrir le dépôt des candidatures", who: election.TeamHand, until: in(12), late: true},
		{name: "before candidacies", phase: election.Candidacies, day: 11, next: "Préparer sa candidature", who: election.StructuresHand, until: in(26)},
		{name: "candidacies", phase: election.Candidacies, day: 12, next: "Déposer une candidature", who: election.StructuresHand, until: in(26)},
		{name: "to examine", phase: election.Candidacies, day: 26, facts: election.Facts{ToExamine: 1, Claims: 1}, next: "Examiner 1\u00a0candidature", who: election.TeamHand, until: in(28)},
		{name: "claims before sealing", phase: election.Candidacies, day: 26, facts: election.Facts{Claims: 1}, next: "Répondre à 1\u00a0réclamation", who: election.TeamHand, until: in(28)},
		{name: "withdrawals", phase: election.Candidacies, day: 27, next: "Retirer sa candidature, si on y renonce", who: election.StructuresHand, until: in(28)},
		{name: "no seed", phase: election.Candidacies, day: 28, edit: func(e *election.Election) { e.OrderSeed = "" }, next: "Publier le texte dont l’ordre des candidatures est tiré", who: election.TeamHand, until: in(35)},
		{name: "to seal", phase: election.Candidacies, day: 28, next: "Arrêter la liste électorale et les candidatures, et tirer leur ordre", who: election.TeamHand, until: in(35)},
		{name: "keepers", phase: election.Sealed, day: 29, next: "Désigner les porteurs de clés", who: election.TeamHand, until: in(35)},
		{name: "keys", phase: election.Sealed, day: 29, facts: election.Facts{Trustees: 3, Keys: 1, Boxes: 2}, next: "Déposer sa clé publique (1 sur 3)", who: election.KeepersHand, until: in(35)},
		{name: "codes", phase: election.Sealed, day: 29, facts: election.Facts{Trustees: 3, Keys: 3, Boxes: 2, Coded: 1}, next: "Déposer les codes de vote publics", who: election.CodesHand, until: in(35)},
		{name: "ceremony, late", phase: election.Sealed, day: 35, facts: keys, next: "Terminer la cérémonie : répétition, urne vide constatée, urne scellée", who: election.KeepersHand, until: in(35), late: true},
		{name: "no tie source", phase: election.Ready, day: 34, edit: func(e *election.Election) { e.TieSource = "" }, next: "Nommer le tirage au sort qui départagera une égalité", who: election.TeamHand, until: in(35)},
		{name: "ready", phase: election.Ready, day: 34, next: "Ouvrir le vote", who: election.TwoHands, until: in(35)},
		{name: "ready, past the closing", phase: election.Ready, day: 45, next: "Prolonger le vote, dont l’heure de clôture est passée, ou abandonner l’élection", who: election.TwoHands, until: in(45), late: true},
		{name: "open before its hour", phase: election.Open, day: 34, next: "Retrouver son code de vote", who: election.StructuresHand, until: in(35)},
		{name: "vote", phase: election.Open, day: 35, next: "Voter", who: election.StructuresHand, until: in(45)},
		{name: "vote past its hour", phase: election.Open, day: 45, next: "Fermer l’urne", who: election.PortalHand},
		{name: "closed", phase: election.Closed, day: 45, facts: keys, next: "Décider le dépouillement", who: election.TwoHands},
		{name: "decrypting", phase: election.Closed, day: 45, facts: election.Facts{Trustees: 3, Boxes: 2, CountDecided: true, Partials: 5}, next: "Déposer son déchiffrement partiel (5 sur 6)", who: election.KeepersHand},
		{name: "to compute", phase: election.Closed, day: 45, facts: election.Facts{Trustees: 3, Boxes: 2, CountDecided: true, Partials: 6}, next: "Calculer le résultat", who: election.TeamHand},
		{name: "counted", phase: election.Counted, day: 46, next: "Proclamer le résultat", who: election.ChairHand},
		{name: "contest", phase: election.Proclaimed, day: 59, next: "Contester le résultat, s’il y a lieu, devant le tribunal administratif", who: election.StructuresHand, until: in(60)},
		{name: "contest over", phase: election.Proclaimed, day: 60, next: "Archiver l’élection", who: election.PortalHand},
		{name: "kept", phase: election.Archived, day: 61},
		{name: "to destroy", phase: election.Archived, day: 60 + base.Rules.RetentionDays + 1, next: "Détruire les bulletins et les listes", who: election.TwoHands},
		{name: "destroyed", phase: election.Destroyed, day: 200},
		{name: "cancelled", phase: election.Cancelled, day: 20},
	} {
		e := base
		e.Phase, e.Now = c.phase, *in(c.day)
		if c.edit != nil {
			c.edit(&e)
		}
		s := election.NextStep(e, c.facts)
		same := s.Until == nil && c.until == nil || s.Until != nil && c.until != nil && s.Until.Equal(*c.until)
		if s.Where == "" || s.Next != c.next || s.Who != c.who || !same || s.Late != c.late || (s.Next != "") != (s.Who.Label() != "") {
			t.Errorf("%s: got %+v", c.name, s)
		}
	}
}
