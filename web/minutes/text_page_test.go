package minutes

import (
	"strings"
	"testing"
)

const team = "/equipe/reunions/{id}/compte-rendu"

func TestMinutesFromNotesToRectification(t *testing.T) {
	t.Parallel()
	s := newTextSite(t)
	const public = "/reunions/{id}/compte-rendu"
	s.get(team).status(200).has("Commencer le compte rendu")
	s.get(public).status(404)
	s.post(team + "/debut").status(303)
	s.get(team).status(200).has("En cours de rédaction", "Écrire le compte rendu", "À faire")

	// The preview saves nothing; saving does.
	const text = "# Point 1\n\nUn texte d'essai <script>alert(1)</script> : fin"
	s.post(team, "texte", text, "expert", "", "version", "1", "apercu", "1").status(200).has("Aperçu", "Un texte d’essai <script>").lacks("<script>alert")
	if s.version() != "1" {
		t.Fatal("the preview saved")
	}
	s.post(team, "texte", text, "expert", "Le dialogue.", "version", "1").status(303)

	// The draft of a lost session is offered, and its page fills the form.
	if got := s.post(team+"/brouillon", "texte", text+"\n\nLa suite", "expert", "", "version", "2").status(200).body; !strings.HasPrefix(got, "Brouillon enregistré à ") {
		t.Errorf("draft: %q", got)
	}
	s.get(team).has("Reprendre le brouillon enregistré le")
	s.get(team+"?brouillon=1").has("Voici votre brouillon", "La suite")
	s.post(team + "/brouillon/abandon").status(303)
	s.get(team).lacks("Reprendre le brouillon")

	// Somebody else saved: both texts, mine kept.
	mine := s.post(team, "texte", "# Le mien", "expert", "", "version", "1").status(409)
	mine.has("Quelqu’un d’autre a enregistré", "Enregistrer ma version", "Retiré : ", "Ajouté : ", "# Le mien").lacks("<script>alert")
	s.post(team, "texte", "", "expert", "", "version", s.version()).status(422).has("Écrivez le compte rendu")
	s.post(team, "texte", "x", "intrus", "y").status(400)

	s.get(team + "/revisions").status(200).has("Version 2")
	s.get(team + "/revisions/2").status(200).has("Ajouté : ")
	s.get(team + "/revisions/9").status(404)
	s.get(team + "/revisions/1").has("Reprendre cette version")
	s.get(team+"/reprise").status(200).has("Remplacer le texte par les notes", "Retiré : ")
	s.post(team+"/reprise", "version", "1").status(409)

	// Review.
	s.post(team+"/relecture", "version", s.version(), "jusqu_au", "1/1/2020").status(422).has("Choisissez un jour à venir")
	s.get(team + "/relecture").status(200).has("2 personnes avec une adresse")
	s.post(team+"/relecture", "version", s.version(), "jusqu_au", s.text(`SELECT (paris_today() + 5)::text`)).status(303)
	s.participants()
	s.actor = s.team
	s.get(team+"/corrections").status(200).has("Demande 1", "<b>Faute</b>").lacks("<b>Faute")
	answer := []string{"correction", s.text(`SELECT max(id)::text FROM correction`), "version", "1", "decision", "non"}
	s.post(team+"/corrections", append(answer, "reponse", "")...).status(422).has("Dites en une phrase")
	s.post(team+"/corrections", append(answer, "reponse", "Le texte est exact")...).status(303)

	// The chair alone validates; then the team publishes, and rectifies.
	const valid = "/reunions/{id}/validation"
	s.get(valid).status(403)
	s.post(team+"/publication", "version", s.version(), "motif", "").status(409)
	s.actor = s.chair
	s.get(valid).status(200).has("Je le valide", "Le dialogue.")
	s.post(valid, "version", s.version(), "acte", "reprendre", "motif", "").status(422).has("ce qu’il faut reprendre")
	s.post(valid, "version", s.version(), "acte", "valider", "motif", "").status(303)
	s.get(valid).has("Validé")
	s.get(public).status(404)
	s.actor = s.team
	s.get(team + "/publication").status(200).has("jamais effacé")
	s.post(team+"/publication", "version", s.version(), "motif", "").status(303)
	s.get(public).status(200).has("Un texte d’essai <script>", "Empreinte SHA-256").lacks("<script>alert", "Alix")
	s.get(team).has("prépare une rectification")
	s.post(team, "texte", "# Texte exact", "expert", "", "version", s.version()).status(303)
	s.actor = s.chair
	s.post(valid, "version", s.version(), "acte", "valider", "motif", "").status(303)
	s.actor = s.team
	s.post(team+"/publication", "version", s.version(), "motif", "").status(422).has("pourquoi le compte rendu est rectifié")
	s.post(team+"/publication", "version", s.version(), "motif", "Montant <i>faux</i>").status(303)
	s.get(public).has("Texte exact", "rectifié le", "Montant <i>faux</i>").lacks("<i>faux")
	s.get(public+"/1").status(200).has("remplacé le", "Montant", "Un texte d’essai")
	s.get(public + "/3").status(404)
}

// participants reads and corrects by a personal link, then signed in, until the day.
func (s *textSite) participants() {
	s.t.Helper()
	link := s.text(`SELECT substring(secret_link FROM '/reunions/reponse/.*') FROM mail WHERE kind = 'meeting_review' AND to_address = $1`, s.member.Email)
	s.actor.Account = 0
	s.actor.Person = 0
	s.get(link+"/compte-rendu").status(200).has("en relecture", "Un texte d’essai", "Demander cette correction")
	s.get("/reunions/reponse/inconnu/compte-rendu").status(404)
	s.post(link+"/correction", "passage", "", "correction", "").status(422).has("Écrivez la correction")
	s.post(link+"/correction", "passage", "Point 1", "correction", "<b>Faute</b>").status(303)
	s.get(link+"/compte-rendu").has("Vos demandes", "En attente").lacks("<b>Faute")
	s.actor = s.other
	s.get("/reunions/{id}/relecture").status(404)
	s.actor = s.member
	s.get("/reunions/{id}/relecture").status(200).has("Vos demandes")
	s.get("/reunions/{id}/validation").status(404)
	s.number(`UPDATE minutes SET review_until = paris_today() - 1 WHERE meeting_id = $1 RETURNING 1`, s.id)
	s.post("/reunions/{id}/relecture", "passage", "", "correction", "Trop tard").status(410).has("jusqu’au", "Écrivez à l’équipe métropolitaine")
	s.get("/reunions/{id}/relecture").status(200).has("Les corrections pouvaient être demandées")
}
