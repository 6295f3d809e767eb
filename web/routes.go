package web

import (
	"net/http"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/web/account"
	"bordeaux-metropole.fr/portal/web/dashboard"
	elboard "bordeaux-metropole.fr/portal/web/election/board"
	elcandidacy "bordeaux-metropole.fr/portal/web/election/candidacy"
	elceremony "bordeaux-metropole.fr/portal/web/election/ceremony"
	elcount "bordeaux-metropole.fr/portal/web/election/count"
	eldesk "bordeaux-metropole.fr/portal/web/election/desk"
	elroll "bordeaux-metropole.fr/portal/web/election/roll"
	"bordeaux-metropole.fr/portal/web/election/showcase"
	elvoting "bordeaux-metropole.fr/portal/web/election/voting"
	"bordeaux-metropole.fr/portal/web/governance"
	"bordeaux-metropole.fr/portal/web/indicator"
	"bordeaux-metropole.fr/portal/web/info"
	"bordeaux-metropole.fr/portal/web/journal"
	"bordeaux-metropole.fr/portal/web/meeting"
	"bordeaux-metropole.fr/portal/web/minutes"
	"bordeaux-metropole.fr/portal/web/outbox"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/preferences"
	rmboard "bordeaux-metropole.fr/portal/web/roadmap/board"
	rmcampaign "bordeaux-metropole.fr/portal/web/roadmap/campaign"
	rmdetails "bordeaux-metropole.fr/portal/web/roadmap/details"
	rmedition "bordeaux-metropole.fr/portal/web/roadmap/edition"
	rmfunding "bordeaux-metropole.fr/portal/web/roadmap/funding"
	rmreport "bordeaux-metropole.fr/portal/web/roadmap/report"
	rmsheet "bordeaux-metropole.fr/portal/web/roadmap/sheet"
	rmsheetfile "bordeaux-metropole.fr/portal/web/roadmap/sheetfile"
	rmwatch "bordeaux-metropole.fr/portal/web/roadmap/watch"
	"bordeaux-metropole.fr/portal/web/structure/directory"
	"bordeaux-metropole.fr/portal/web/structure/examine"
	"bordeaux-metropole.fr/portal/web/structure/imports"
	"bordeaux-metropole.fr/portal/web/structure/register"
	"bordeaux-metropole.fr/portal/web/structure/space"
	"bordeaux-metropole.fr/portal/web/team"
)

// Route is one line of the table: what the portal answers, and to whom.
type Route struct {
	Method  string
	Pattern string      // as chi reads it
	Who     access.Rule // the zero rule admits nobody, and the tests refuse it
	Handle  page.Handler
	Cached  bool   // the same for every anonymous reader: kept in memory
	MaxBody int64  // bytes of a form; 0: 256 KB
	Label   string // its name in the site map; "": not listed
	Group   string // the heading it stands under in the site map
	Menu    string // its name in the main navigation; "": not there
	// Ballot answers a ballot sent when the session is over. Where it is set nothing of
	// the request is kept: neither the form (KeepForm) nor the key of a double submit.
	Ballot page.Handler
}

const (
	get  = http.MethodGet
	post = http.MethodPost
)

// Headings of the site map.
const (
	publicPages = "La gouvernance"
	myPages     = "Mon espace"
	teamPages   = "Équipe métropolitaine"
	adminPages  = "Administration du portail"
	aboutPages  = "À propos du portail"
)

// The rules of the table.
var (
	anyone   = access.Anyone
	signedIn = access.SignedIn
	teamOnly = access.Only(access.Team)
	admin    = access.Only(access.Administrator)
	staff    = access.Only(access.Team, access.Administrator)
)

// pages are the handlers of every area.
type pages struct {
	gov      *governance.Pages
	meetings *meeting.Pages
	minutes  *minutes.Pages
	account  *account.Pages
	home     *dashboard.Pages
	prefs    *preferences.Pages
	team     *team.Pages
	mails    *outbox.Pages
	journal  *journal.Pages
	info     *info.Pages

	register  *register.Pages
	examine   *examine.Pages
	space     *space.Pages
	directory *directory.Pages
	imports   *imports.Pages
	figures   *indicator.Pages

	actions      *rmsheet.Pages
	details      *rmdetails.Pages
	funding      *rmfunding.Pages
	reports      *rmreport.Pages
	campaigns    *rmcampaign.Pages
	editions     *rmedition.Pages
	board        *rmboard.Pages
	watch        *rmwatch.Pages
	roadmapFiles *rmsheetfile.Pages

	electionDesk      *eldesk.Pages
	electionRoll      *elroll.Pages
	electionCandidacy *elcandidacy.Pages
	electionCeremony  *elceremony.Pages
	electionVoting    *elvoting.Pages
	electionBoard     *elboard.Pages
	electionCount     *elcount.Pages
	showcase          *showcase.Pages
}

// table is every address of the portal. Nothing is served that is not here, but
// /healthz, /readyz, /metrics and /static/, which show nothing of the governance.
func (p pages) table(demo bool) []Route {
	routes := []Route{
		// Public: the governance.
		{Method: get, Pattern: "/", Who: anyone, Handle: p.gov.Home, Cached: true, Label: "Accueil", Group: publicPages, Menu: "Accueil"},
		{Method: get, Pattern: "/instances", Who: anyone, Handle: p.gov.Bodies, Cached: true, Label: "Les quatre instances", Group: publicPages, Menu: "Instances"},
		{Method: get, Pattern: "/instances/{code:[a-z]+}", Who: anyone, Handle: p.gov.Body, Cached: true},
		{Method: get, Pattern: "/instances/{code:[a-z]+}/differences", Who: anyone, Handle: p.gov.Differences, Cached: true},
		{Method: get, Pattern: "/instances/{code:[a-z]+}.{ext:(csv|xlsx|json)}", Who: anyone, Handle: p.gov.BodyFile},
		{Method: get, Pattern: "/communes", Who: anyone, Handle: p.gov.Communes, Cached: true, Label: "Les 28 communes", Group: publicPages, Menu: "Communes"},
		{Method: get, Pattern: "/communes.{ext:(csv|xlsx|json)}", Who: anyone, Handle: p.gov.CommunesFile},
		{Method: get, Pattern: "/communes/{insee:[0-9AB]{5}}", Who: anyone, Handle: p.gov.Commune, Cached: true},
		{Method: get, Pattern: "/recherche", Who: anyone, Handle: p.gov.Search, Label: "Recherche", Group: publicPages},
		{Method: get, Pattern: "/deliberation", Who: anyone, Handle: p.gov.Deliberation, Cached: true, Label: "La délibération, engagement par engagement", Group: publicPages, Menu: "Délibération"},

		// Signing in and one's own account.
		{Method: get, Pattern: "/connexion", Who: anyone, Handle: p.account.ShowSignIn},
		{Method: post, Pattern: "/connexion", Who: anyone, Handle: p.account.SignIn},
		{Method: get, Pattern: "/connexion/code", Who: anyone, Handle: p.account.ShowCode},
		{Method: post, Pattern: "/connexion/code", Who: anyone, Handle: p.account.SendCode},
		{Method: get, Pattern: "/connexion/second-facteur", Who: anyone, Handle: p.account.ShowEnrolment},
		{Method: post, Pattern: "/connexion/second-facteur", Who: anyone, Handle: p.account.SendCode},
		{Method: post, Pattern: "/deconnexion", Who: anyone, Handle: p.account.SignOut},
		{Method: get, Pattern: "/mot-de-passe-oublie", Who: anyone, Handle: p.account.ShowForgotten},
		{Method: post, Pattern: "/mot-de-passe-oublie", Who: anyone, Handle: p.account.SendReset},
		{Method: get, Pattern: "/mot-de-passe/{token}", Who: anyone, Handle: p.account.ShowReset},
		{Method: post, Pattern: "/mot-de-passe/{token}", Who: anyone, Handle: p.account.ResetPassword},
		{Method: get, Pattern: "/invitation/{token}", Who: anyone, Handle: p.account.ShowInvitation},
		{Method: post, Pattern: "/invitation/{token}", Who: anyone, Handle: p.account.AcceptInvitation},
		{Method: get, Pattern: "/adresse/{token}", Who: anyone, Handle: p.account.ShowNewEmail},
		{Method: post, Pattern: "/adresse/{token}", Who: anyone, Handle: p.account.ConfirmEmail},
		{Method: get, Pattern: "/tableau-de-bord", Who: signedIn, Handle: p.home.Show, Label: "Tableau de bord", Group: myPages, Menu: "Tableau de bord"},
		{Method: get, Pattern: "/mon-compte", Who: signedIn, Handle: p.account.Show, Label: "Mon compte", Group: myPages},
		{Method: post, Pattern: "/mon-compte/capacite", Who: signedIn, Handle: p.account.SwitchCapacity},
		{Method: get, Pattern: "/mon-compte/identite", Who: signedIn, Handle: p.account.ShowIdentity, Label: "Mon identité", Group: myPages},
		{Method: post, Pattern: "/mon-compte/identite", Who: signedIn, Handle: p.account.UpdateIdentity},
		{Method: get, Pattern: "/mon-compte/mot-de-passe", Who: signedIn, Handle: p.account.ShowPassword, Label: "Mon mot de passe", Group: myPages},
		{Method: post, Pattern: "/mon-compte/mot-de-passe", Who: signedIn, Handle: p.account.ChangePassword},
		{Method: get, Pattern: "/mon-compte/appareils", Who: signedIn, Handle: p.account.ShowDevices, Label: "Mes appareils connectés", Group: myPages},
		{Method: post, Pattern: "/mon-compte/appareils", Who: signedIn, Handle: p.account.SignOutDevices},
		{Method: get, Pattern: "/mon-compte/second-facteur", Who: signedIn, Handle: p.account.ShowFactor, Label: "Mon second facteur", Group: myPages},
		{Method: post, Pattern: "/mon-compte/second-facteur", Who: signedIn, Handle: p.account.EnableFactor},
		{Method: get, Pattern: "/mon-compte/second-facteur/codes", Who: signedIn, Handle: p.account.ShowRenewCodes},
		{Method: post, Pattern: "/mon-compte/second-facteur/codes", Who: signedIn, Handle: p.account.RenewCodes},
		{Method: get, Pattern: "/mon-compte/second-facteur/arret", Who: signedIn, Handle: p.account.ShowDisableFactor},
		{Method: post, Pattern: "/mon-compte/second-facteur/arret", Who: signedIn, Handle: p.account.DisableFactor},
		{Method: get, Pattern: "/reprise", Who: signedIn, Handle: p.account.ShowKept},
		{Method: post, Pattern: "/reprise", Who: signedIn, Handle: p.account.ResumeKept},
		{Method: post, Pattern: "/reprise/abandon", Who: signedIn, Handle: p.account.DropKept},
	}
	for _, part := range [][]Route{p.planTable(), p.agendaTable(), p.documentTable(), p.convocationTable(), p.rollTable(),
		p.minutesTable(), p.followUpTable(), p.calendarTable(),
		p.directoryTable(), p.registerTable(), p.sheetTable(), p.spaceTable(), p.examineTable(), p.lifeTable(), p.importTable(), p.indicatorTable(),
		p.actionTable(), p.actionLineTable(), p.fundingTable(), p.reportTable(), p.campaignTable(), p.editionTable(), p.roadmapTable(), p.watchTable(), p.roadmapFileTable(),
		p.electionDeskTable(), p.electionRollTable(), p.electionCandidacyTable(), p.electionCeremonyTable(), p.electionVotingTable(), p.electionBoardTable(), p.electionCountTable()} {
		routes = append(routes, part...)
	}
	routes = append(routes, p.teamTable()...)
	routes = append(routes, p.adminTable()...)
	return append(routes, p.infoTable(demo)...)
}

// teamTable is what the metropole's team works with.
func (p pages) teamTable() []Route {
	const (
		seat = "/equipe/sieges/{id:[0-9]+}"
		held = seat + "/mandats/{mandat:[0-9]+}"
		org  = "/equipe/organisations/{id:[0-9]+}"
		rule = "/equipe/instances/{code:[a-z]+}/reglages"
	)
	return []Route{
		{Method: get, Pattern: "/equipe/sieges", Who: teamOnly, Handle: p.team.ListSeats, Label: "Sièges et mandats", Group: teamPages, Menu: "Sièges"},
		{Method: get, Pattern: "/equipe/sieges.{ext:(csv|xlsx)}", Who: teamOnly, Handle: p.team.SeatsFile},
		{Method: get, Pattern: seat, Who: teamOnly, Handle: p.team.ShowSeat},
		{Method: get, Pattern: seat + "/mandats/nouveau", Who: teamOnly, Handle: p.team.ShowDesignation},
		{Method: post, Pattern: seat + "/mandats/nouveau", Who: teamOnly, Handle: p.team.Designate},
		{Method: get, Pattern: held + "/fin", Who: teamOnly, Handle: p.team.ShowEnd},
		{Method: post, Pattern: held + "/fin", Who: teamOnly, Handle: p.team.End},
		{Method: get, Pattern: held + "/annulation", Who: teamOnly, Handle: p.team.ShowCancel},
		{Method: post, Pattern: held + "/annulation", Who: teamOnly, Handle: p.team.Cancel},
		{Method: get, Pattern: held + "/correction", Who: teamOnly, Handle: p.team.ShowCorrection},
		{Method: post, Pattern: held + "/correction", Who: teamOnly, Handle: p.team.Correct},
		{Method: get, Pattern: "/equipe/organisations", Who: teamOnly, Handle: p.team.ListOrganisations, Label: "Organisations", Group: teamPages, Menu: "Organisations"},
		{Method: get, Pattern: "/equipe/organisations.{ext:(csv|xlsx)}", Who: teamOnly, Handle: p.team.OrganisationsFile},
		{Method: get, Pattern: "/equipe/organisations/nouvelle", Who: teamOnly, Handle: p.team.ShowNewOrganisation, Label: "Ajouter une organisation", Group: teamPages},
		{Method: post, Pattern: "/equipe/organisations/nouvelle", Who: teamOnly, Handle: p.team.AddOrganisation},
		{Method: get, Pattern: org, Who: teamOnly, Handle: p.team.ShowOrganisation},
		{Method: get, Pattern: org + "/correction", Who: teamOnly, Handle: p.team.ShowRename},
		{Method: post, Pattern: org + "/correction", Who: teamOnly, Handle: p.team.Rename},
		{Method: get, Pattern: org + "/depart", Who: teamOnly, Handle: p.team.ShowLeave},
		{Method: post, Pattern: org + "/depart", Who: teamOnly, Handle: p.team.Leave},
		{Method: get, Pattern: org + "/personnes/nouvelle", Who: teamOnly, Handle: p.team.ShowNewMember},
		{Method: post, Pattern: org + "/personnes/nouvelle", Who: teamOnly, Handle: p.team.AddMember},
		{Method: get, Pattern: org + "/personnes/{membre:[0-9]+}/fin", Who: teamOnly, Handle: p.team.ShowMemberEnd},
		{Method: post, Pattern: org + "/personnes/{membre:[0-9]+}/fin", Who: teamOnly, Handle: p.team.EndMember},
		{Method: get, Pattern: "/equipe/personnes/{id:[0-9]+}", Who: teamOnly, Handle: p.team.ShowPerson},
		{Method: post, Pattern: "/equipe/personnes/{id:[0-9]+}", Who: teamOnly, Handle: p.team.CorrectPerson},
		{Method: get, Pattern: "/equipe/renouvellement-communes", Who: teamOnly, Handle: p.team.ShowRenewal, Label: "Renouvellement des communes", Group: teamPages},
		{Method: post, Pattern: "/equipe/renouvellement-communes", Who: teamOnly, Handle: p.team.Renew, MaxBody: team.MaxRenewalBody},
		{Method: get, Pattern: "/equipe/renouvellement-communes.csv", Who: teamOnly, Handle: p.team.RenewalCSV},
		{Method: get, Pattern: "/equipe/instances", Who: teamOnly, Handle: p.team.ListBodies, Label: "Réglages des instances", Group: teamPages, Menu: "Réglages"},
		{Method: get, Pattern: rule, Who: teamOnly, Handle: p.team.ShowSettings},
		{Method: get, Pattern: rule + "/{reglage:[a-z-]+}", Who: teamOnly, Handle: p.team.ShowSetting},
		{Method: post, Pattern: rule + "/{reglage:[a-z-]+}", Who: teamOnly, Handle: p.team.SetSetting},
	}
}

// adminTable is what administrators look after, and the outbox, which the team
// reads too.
func (p pages) adminTable() []Route {
	const one = "/administration/comptes/{id:[0-9]+}"
	return []Route{
		{Method: get, Pattern: "/administration/comptes", Who: admin, Handle: p.account.List, Label: "Comptes et rôles", Group: adminPages, Menu: "Comptes"},
		{Method: get, Pattern: "/administration/comptes/inviter", Who: admin, Handle: p.account.ShowInvite, Label: "Inviter une personne", Group: adminPages},
		{Method: post, Pattern: "/administration/comptes/inviter", Who: admin, Handle: p.account.Invite},
		{Method: get, Pattern: one, Who: admin, Handle: p.account.ShowAccount},
		{Method: post, Pattern: one + "/invitation", Who: admin, Handle: p.account.Reinvite},
		{Method: post, Pattern: one + "/role", Who: admin, Handle: p.account.GrantRole},
		{Method: post, Pattern: one + "/role/fin", Who: admin, Handle: p.account.EndRole},
		{Method: post, Pattern: one + "/desactivation", Who: admin, Handle: p.account.Disable},
		{Method: post, Pattern: one + "/activation", Who: admin, Handle: p.account.Enable},
		{Method: post, Pattern: one + "/second-facteur", Who: admin, Handle: p.account.ResetFactor},
		{Method: post, Pattern: one + "/deconnexion", Who: admin, Handle: p.account.EndSessions},
		{Method: get, Pattern: "/administration/journal", Who: admin, Handle: p.journal.List, Label: "Journal des actes", Group: adminPages, Menu: "Journal"},
		{Method: get, Pattern: "/administration/journal/{id:[0-9]+}", Who: admin, Handle: p.journal.Show},
		{Method: post, Pattern: "/administration/journal/verification", Who: admin, Handle: p.journal.Check},
		{Method: get, Pattern: "/equipe/courriels", Who: staff, Handle: p.mails.List, Label: "Courriels envoyés", Group: teamPages, Menu: "Courriels"},
		{Method: get, Pattern: "/equipe/courriels/{id}", Who: staff, Handle: p.mails.Show},
		{Method: post, Pattern: "/equipe/courriels/{id}/renvoi", Who: staff, Handle: p.mails.Resend},
	}
}

// infoTable is the pages about the portal itself.
func (p pages) infoTable(demo bool) []Route {
	routes := []Route{
		{Method: get, Pattern: "/donnees-ouvertes", Who: anyone, Handle: p.info.OpenData(), Label: "Données ouvertes", Group: aboutPages},
		{Method: get, Pattern: "/aide", Who: anyone, Handle: p.info.Help(), Label: "Aide", Group: aboutPages},
		{Method: get, Pattern: "/accessibilite", Who: anyone, Handle: p.info.Accessibility(), Label: "Accessibilité", Group: aboutPages},
		{Method: get, Pattern: "/mentions-legales", Who: anyone, Handle: p.info.Legal(), Label: "Mentions légales", Group: aboutPages},
		{Method: get, Pattern: "/donnees-personnelles", Who: anyone, Handle: p.info.Privacy(), Label: "Données personnelles et cookies", Group: aboutPages},
		{Method: get, Pattern: "/plan-du-site", Who: anyone, Handle: p.info.SiteMapPage()},
		{Method: get, Pattern: "/.well-known/security.txt", Who: anyone, Handle: p.info.SecurityTxt},
		{Method: get, Pattern: "/robots.txt", Who: anyone, Handle: p.info.Robots},
	}
	if demo {
		routes = append(routes, Route{Method: get, Pattern: "/aide/composants", Who: anyone, Handle: p.info.Gallery(), Label: "Composants des pages (démonstration)", Group: aboutPages},
			Route{Method: get, Pattern: "/elections/{id:[0-9]+}/demonstration", Who: anyone, Handle: p.showcase.Codes},
			Route{Method: get, Pattern: "/elections/{id:[0-9]+}/demonstration/cle-{owner:[0-9]}.json", Who: anyone, Handle: p.showcase.Key})
	}
	return routes
}
