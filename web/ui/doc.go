// Package ui is the design system: the layout around every page and the
// components pages are made of. A component is a pure function of values; it
// reads no context and calls nothing that can fail. /aide/composants (Gallery)
// shows them all, in every state. After a change of a .templ file:
//
//	go tool templ generate -path web/ui
//
// # A page
//
//	@ui.Layout(c) {
//		@ui.ErrorSummary(f)
//		@ui.PageTitle(c, "Une phrase qui introduit.")
//		@ui.FormNotice(f)
//		@ui.Form("/equipe/reunions") {
//			@ui.FormKey(key)
//			@ui.TextField(f, ui.Field{Name: "lieu", Label: "Lieu", Hint: "Adresse ou salle"})
//			@ui.Actions() {
//				@ui.Submit("Enregistrer la réunion")
//				<a href="/equipe/reunions">Annuler</a>
//			}
//		}
//	}
//
// A page has one h1: PageTitle, Panel, Confirm and ErrorPage print it, the layout
// does not. Sections are h2 (Section), cards h3 (Card).
//
// # Components, by file
//
//	layout    Layout(c) · PageTitle(c, lead) · Logo()
//	icon      Kind: OK Warn Err Info Neutral · Tag(kind, text)
//	field     Field{…} · Form(action) · FormUpload(action) · FormKey(key) · Hidden(name, value)
//	          TextField(f, x) · PasswordField · DateField · TimeField · Textarea · FileField
//	choice    Option{…} · Options(value, label…) · Select(f, x, options) · Radios · Checkboxes · Checkbox(f, x)
//	submit    ErrorSummary(f) · FormNotice(f) · Actions() · Submit(label) · SubmitSecondary · SubmitDanger
//	          SubmitValue(label, name, value) · SubmitLink(label, hidden) · LinkButton(label, href)
//	          LinkButtonSecondary · PrivacyNote(text)
//	content   Notice(kind, title) · Panel(title) · Section(title) · Card(title, href) · Cards() · Columns()
//	          Empty(title, text, action, href) · Details(summary) · Stat(label, value, note) · Stats()
//	          Definition(term, text) · Source(text, href) · Prose() · Lines(text)
//	          Confirm(c, ConfirmView{…}) · Steps(current, labels)
//	table     TableBox(caption) · TableBoxQuiet · TableCards · TableCardsQuiet · SortColumn(label, href, order)
//	summary   SummaryList([]SummaryRow) · CheckAnswers([]CheckSection) · Versions([]Version) · TaskList([]Task) · AgendaList([]AgendaItem)
//	nav       BackLink(label, href) · Tabs(label, []Tab) · Pagination(Pager{…}) · Filters(action, reset)
//	          SearchForm(action, name, label, value) · ExportLinks(base, formats…)
//	pictures  CadenceTimeline(Timeline{…}) · CadenceTable · TileMap(TileMapView{…}) · TileTable
//	          Trend(TrendView{…}) · TrendTable · GovernancePicture(Governance{…}) · StackedBar([]BarPart) · BarLegend · Meter(part, whole, label)
//	error     ErrorPage(c, ErrorView{…}) · ErrorBody(c, e)
//
// Forms carry data-form: portal.js then warns before a filled page is left and
// ignores a second click. Nothing needs the script.
//
// The HTML of forms (error summary, hints, messages, summary and task lists)
// follows the patterns of GOV.UK Frontend (MIT, © Crown Copyright); its look and
// its code are not used.
package ui
