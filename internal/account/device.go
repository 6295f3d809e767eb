package account

import "strings"

// DeviceLabel returns what a person recognises of a User-Agent: « Firefox sous
// Windows ». It says nothing finer: the header is not kept.
func DeviceLabel(userAgent string) string {
	browser := firstOf(userAgent, "Navigateur", [][2]string{
		{"Edg", "Edge"}, {"OPR/", "Opera"}, {"SamsungBrowser", "Samsung Internet"}, {"Firefox", "Firefox"}, {"FxiOS", "Firefox"},
		{"CriOS", "Chrome"}, {"Chromium", "Chromium"}, {"Chrome", "Chrome"}, {"Safari", "Safari"},
	})
	system := firstOf(userAgent, "", [][2]string{
		{"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"}, {"Windows", "Windows"},
		{"Mac OS X", "macOS"}, {"CrOS", "ChromeOS"}, {"Linux", "Linux"},
	})
	switch system {
	case "":
		if browser == "Navigateur" {
			return "Appareil non reconnu"
		}
		return browser
	case "iPhone", "iPad":
		return browser + " sur " + system
	}
	return browser + " sous " + system
}

func firstOf(s, none string, marks [][2]string) string {
	for _, m := range marks {
		if strings.Contains(s, m[0]) {
			return m[1]
		}
	}
	return none
}
