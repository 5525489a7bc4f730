package render

import "sshforum/forum/command"

// export is for programs in any form.
func (t *Text) export(r command.Export) error {
	return (&JSON{Out: t.Out, Err: t.Err}).export(r)
}
