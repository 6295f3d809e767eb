package demo

// standing is what is said on the points that every agenda has: the first time, then.
var standing = []struct{ title, first, note string }{
	{"Accueil et approbation du compte rendu précédent",
		"Les membres se présentent. C’est la première réunion de l’instance : il n’y a pas de compte rendu à approuver.",
		"Le compte rendu de la réunion précédente est approuvé sans modification."},
	{"Suivi des décisions",
		"Aucune décision n’est encore à suivre. L’équipe présente la manière dont le suivi sera publié sur le portail.",
		"Les décisions en cours sont passées en revue. Leur état est à jour sur le portail."},
	{"Questions diverses", "Aucune question n’est posée.", "Aucune question n’est posée."},
}
