"""The feed: what is announced on another thread is heard on the main one, by those who still exist."""

import threading

import shiboken6
from PySide6.QtCore import QObject

from visitapp.store.changes import Changes
from visitapp.ui.feed import ScreenFeed


def test_changes_announced_on_another_thread_are_heard_on_the_main_one(qtbot):
    feed, follower, heard = ScreenFeed(), QObject(), []
    feed.follow(follower, lambda changes: heard.append((changes.families, threading.get_ident())))
    thread = threading.Thread(target=feed.changed, args=(Changes(families=frozenset({"f1"})),))
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: bool(heard))
    assert heard == [(frozenset({"f1"}), threading.get_ident())]


def test_a_follower_that_has_gone_is_told_nothing(qtbot):
    feed, gone, here, heard = ScreenFeed(), QObject(), QObject(), []
    feed.follow(gone, lambda _: heard.append("gone"))
    feed.follow(here, lambda _: heard.append("here"))
    shiboken6.delete(gone)
    feed.changed(Changes(sync=True))
    qtbot.waitUntil(lambda: bool(heard))
    assert heard == ["here"]


def test_who_comes_late_hears_at_once_how_sync_stands(qtbot):
    feed, early, late = ScreenFeed(), QObject(), QObject()
    first, second = [], []
    feed.follow_sync(early, first.append)
    feed.sync_became("offline")
    qtbot.waitUntil(lambda: bool(first))
    feed.follow_sync(late, second.append)
    assert (first, second) == (["offline"], ["offline"])


def test_a_storm_of_commits_is_told_in_a_few_pieces_that_miss_nothing(qtbot):
    feed, follower, heard = ScreenFeed(), QObject(), []
    feed.follow(follower, lambda changes: heard.append(changes.families))
    for number in range(300):
        feed.changed(Changes(kinds=frozenset({"visit"}), families=frozenset({f"f{number}"})))
    qtbot.waitUntil(lambda: len(frozenset().union(*heard)) == 300)
    assert len(heard) <= 10
    assert heard[0] == {"f0"}
