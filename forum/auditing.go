package forum

import "strings"

// maxReason bounds the reason of an act, in bytes.
const maxReason = 500

// CleanReason returns the reason of an act as one line of at most 500 bytes, cleaned as
// messages are; "" stays "". Errors are of kind Invalid.
func CleanReason(reason string) (string, error) {
	if reason == "" {
		return "", nil
	}
	for { // a space that goes may leave a mark without its base
		cleaned, err := CleanMessage(reason, maxReason)
		if err != nil {
			return "", err
		}
		if reason = strings.Join(strings.Fields(cleaned), " "); reason == cleaned {
			return reason, nil
		}
	}
}
