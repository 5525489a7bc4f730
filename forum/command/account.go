package command

import (
	"bufio"
	"context"
	"io"
	"strconv"
	"strings"

	"sshforum/forum"
)

func whoAmI(_ context.Context, c *Call) (Result, error) {
	u, err := c.Service.Account(c.Actor)
	if err != nil {
		return nil, err
	}
	keys, err := c.Service.Keys(c.Actor)
	if err != nil {
		return nil, err
	}
	has, err := c.Service.HasPassword(c.Actor)
	return Identity{User: u, Door: c.Actor.Door, Password: has, Keys: len(keys)}, err
}

func set(ctx context.Context, c *Call) (Result, error) {
	p, err := c.Service.Preferences(c.Actor)
	if err != nil || !c.Args.Has("setting") {
		return Settings{Preferences: p}, err
	}
	setting, ok := forum.FindSetting(c.Args.Word("setting"))
	if !ok {
		return nil, c.Args.Errorf("there is no setting %s; SET shows them all", forum.Printable(c.Args.Word("setting")))
	}
	if c.Args.Has("value") {
		if err := setting.Set(&p, c.Args.Word("value")); err != nil {
			return nil, err
		}
		p, err = c.Service.SetPreferences(ctx, c.Actor, p)
	}
	return Settings{Preferences: p, Only: setting.Name}, err
}

func changePassword(ctx context.Context, c *Call) (Result, error) {
	has, err := c.Service.HasPassword(c.Actor)
	if err != nil {
		return nil, err
	}
	var old string
	if has {
		if old, err = c.Door.Ask(ctx, "Present password: ", true); err == nil {
			err = c.Service.ConfirmPassword(ctx, c.Actor, old)
		}
		if err != nil {
			return nil, err
		}
	}
	password, err := c.Door.Ask(ctx, "New password: ", true)
	if err != nil {
		return nil, err
	}
	again, err := c.Door.Ask(ctx, "Repeat the new password: ", true)
	if err != nil {
		return nil, err
	}
	if password != again {
		return nil, forum.Errorf(forum.Invalid, "The two new passwords differ; the password was not changed.")
	}
	return PasswordChanged{}, c.Service.ChangePassword(ctx, c.Actor, old, password)
}

func closeAccount(ctx context.Context, c *Call) (Result, error) {
	has, err := c.Service.HasPassword(c.Actor)
	if err != nil {
		return nil, err
	}
	question := "This closes your account for ever. Type your name to do it: "
	if has {
		question = "This closes your account for ever. Your password: "
	}
	proof, err := c.Door.Ask(ctx, question, has)
	if err != nil {
		return nil, err
	}
	u, err := c.Service.CloseOwn(ctx, c.Actor, proof, c.Args.Flag("anonymise"))
	return AccountClosed{u}, err
}

func export(ctx context.Context, c *Call) (Result, error) {
	if !c.Door.Streams() {
		return ExportHint{}, nil
	}
	return Export{c.Service.Export(ctx, c.Actor)}, nil
}

func keys(ctx context.Context, c *Call) (Result, error) {
	switch c.Args.Choice() {
	case "add":
		return addKey(ctx, c)
	case "remove":
		return removeKey(ctx, c)
	}
	if c.Args.Phrase("key") != "" {
		return nil, c.Args.Errorf("list takes no key")
	}
	list, err := c.Service.Keys(c.Actor)
	return KeyList{list}, err
}

func addKey(ctx context.Context, c *Call) (Result, error) {
	line, more := c.Args.Phrase("key"), false
	if line == "-" {
		var err error
		if line, more, err = firstLine(c.Door.In()); err != nil {
			return nil, err
		}
	}
	if line == "" {
		return nil, c.Args.Errorf("key is missing: give the line of your .pub file")
	}
	k, err := forum.ParseKey(strings.Trim(line, `'"`))
	switch {
	case err != nil:
		return nil, err
	case more:
		return nil, forum.Errorf(forum.Invalid, "There are several lines; add one key at a time. Nothing was added.")
	}
	k, err = c.Service.AddKey(ctx, c.Actor, k)
	return KeyAdded{k}, err
}

func removeKey(ctx context.Context, c *Call) (Result, error) {
	list, err := c.Service.Keys(c.Actor)
	if err != nil {
		return nil, err
	}
	word := c.Args.Phrase("key")
	for i, k := range list {
		if word == strconv.Itoa(i+1) || word == k.Fingerprint() {
			k, err := c.Service.RemoveKey(ctx, c.Actor, k.Blob)
			return KeyRemoved{k}, err
		}
	}
	if word == "" {
		return nil, c.Args.Errorf("key is missing: give its number or fingerprint from KEYS list")
	}
	return nil, forum.Errorf(forum.NotFound, "You have no key %s; KEYS list shows them.", forum.Printable(word))
}

// firstLine returns the first line that is not blank, and whether another such line follows.
func firstLine(r io.Reader) (first string, more bool, err error) {
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		if line != "" && first != "" {
			return first, true, nil
		}
		first += line
	}
	return first, false, lines.Err()
}
