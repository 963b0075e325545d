"""What defends a load against each fault, and what to change in the product to be without it.

A scenario that still passes when its defence is gone proves nothing. `python -m tests.faults defences` removes each
of these in a copy of the checkout and sees the named tests fail; `test_scenarios.py` checks at every run of the tests
that the list fits the product and that no fault is without a defence.
"""

from typing import Final, NamedTuple

from tests.faults.scenarios import Row, row_of


class Change(NamedTuple):
    """A change of one file of the product.

    Args:
        file: The file, from the root of the checkout.
        text: What stands there, once.
        instead: What is put in its place.
    """

    file: str
    text: str
    instead: str

    def made_to(self, content: str) -> str:
        """The content of the file with this change.

        Raises:
            ValueError: The text is not there, or more than once.
        """
        if (times := content.count(self.text)) != 1:
            raise ValueError(f"{self.file}: {self.text!r} is there {times} times")
        return content.replace(self.text, self.instead)


class Defence(NamedTuple):
    """A defence against a fault.

    Args:
        row: The fault.
        removed: What is gone with the changes, in a few words.
        changes: Where two lines each suffice, both go.
        tests: Scenarios of the fault, as pytest names them, each of which must fail then.
    """

    row: Row
    removed: str
    changes: tuple[Change, ...]
    tests: tuple[str, ...]


def _without(row: Row, removed: str, file: str, text: str, instead: str, *tests: str) -> Defence:
    """A defence that stands in one place."""
    return Defence(row, removed, (Change(file, text, instead),), tests)


_KILLED: Final = row_of("process", "kill -9")
_SIGNALLED: Final = row_of("process", "SIGTERM")
_LATE: Final = row_of("process", "a backfill killed late")
_DISK_FULL: Final = row_of("process", "disk full")
_TWO_RUNS: Final = row_of("process", "two runs at once")
_OTHER_FOLDER: Final = row_of("process", "dlt's working folder lost")
_HELD: Final = row_of("process", "a BI tool")
_PENDING: Final = row_of("process", "a package left pending")
_STORM: Final = row_of("http", "429 storm")
_PASSING: Final = row_of("http", "500, 502")
_TRUNCATED: Final = row_of("http", "truncated JSON")
_NO_LIST: Final = row_of("http", "success false")
_TOKEN: Final = row_of("http", "token expired")
_REVOKED: Final = row_of("http", "secret revoked")
_REDIRECT: Final = row_of("http", "redirect")
_ONE_CAMPAIGN: Final = row_of("http", "one campaign")
_MOVING: Final = row_of("paging", "rows added")
_ODD_PAGES: Final = row_of("paging", "pages shorter")
_UNORDERED: Final = row_of("paging", "list not newest first")
_TIMES: Final = row_of("time", "all four")
_SHAPES: Final = row_of("data", "new column")
_LABELS: Final = row_of("data", "two custom fields")
_UNSTORABLE: Final = row_of("data", "lone surrogate")
_KEYS: Final = row_of("data", "null, missing")
_DELETED: Final = row_of("data", "campaign, list")
_ERASED: Final = row_of("data", "a person erased")
_SECRETS: Final = row_of("secrets", "a canary")
_ADDRESSES: Final = row_of("privacy", "error bodies")
_ANY_ORDER: Final = row_of("over time", "load N times")
_EMPTY: Final = row_of("over time", "an empty")

DEFENCES: Final = (
    _without(
        _KILLED,
        "the transaction around the statements of a merge",
        "pipelines/warehouse.py",
        "supports_transactions=True",
        "supports_transactions=None",
        "tests/faults/test_leftovers.py::test_a_load_killed_between_two_statements_of_a_merge_leaves_the_rows_of_before[6]",
    ),
    _without(
        _KILLED,
        "the look for rows that a killed load merged and did not note",
        "sources/snovio/leftovers.py",
        "        if _LOADS not in there:\n            return found\n",
        "        return found\n",
        "tests/faults/test_leftovers.py"
        "::test_what_vanished_since_a_load_killed_before_its_bookkeeping_is_cleared_by_the_next[second load]",
    ),
    _without(
        _SIGNALLED,
        "the handling of signals",
        "pipelines/load.py",
        "before[stopping] = signal.signal(stopping, handle)",
        "before[stopping] = signal.getsignal(stopping)",
        "tests/pipelines/test_load.py::test_a_signal_ends_a_run_from_within_a_wait_and_keeps_what_was_read[15-143]",
    ),
    _without(
        _SIGNALLED,
        "that what was read before a signal is committed",
        "sources/reading.py",
        "        except Stopped as stop:\n            self.stopped, outcome.stopped = stop.reason, True\n",
        "        except Stopped:\n            raise\n",
        "tests/pipelines/test_slices.py::test_a_signal_ends_a_load_between_two_slices_with_all_whole_days",
    ),
    _without(
        _LATE,
        "slices: a load is one dlt run",
        "sources/slices.py",
        "many = self._most_rows is not None and self._rows > self._most_rows",
        "many = False",
        "tests/pipelines/test_slices.py::test_a_killed_load_asks_again_for_one_slice_at_most[22]",
    ),
    _without(
        _DISK_FULL,
        "the message about a full disk",
        "pipelines/results.py",
        "return disk_full(seen) or seen",
        "return seen",
        "tests/faults/test_processes.py::test_files_that_cannot_grow_are_told_and_the_next_load_goes_on",
    ),
    _without(
        _TWO_RUNS,
        "the lock of an account",
        "pipelines/lock.py",
        "        lock.acquire()\n",
        "        pass\n",
        "tests/faults/test_processes.py::test_the_second_of_two_runs_names_the_first_and_touches_nothing",
    ),
    _without(
        _OTHER_FOLDER,
        "the state from the warehouse",
        "pipelines/pipeline.py",
        "        pipeline.sync_destination()\n",
        "",
        "tests/faults/test_runners.py::test_a_lost_folder_is_made_again_from_the_warehouse",
    ),
    Defence(
        _OTHER_FOLDER,
        "that the working folder is thrown away, and the state from the warehouse",
        (
            Change(
                "pipelines/pipeline.py",
                "        shutil.rmtree(Path(get_dlt_pipelines_dir()) / name, ignore_errors=True)\n",
                "",
            ),
            Change("pipelines/pipeline.py", "        pipeline.sync_destination()\n", ""),
        ),
        (
            "tests/faults/test_runners.py::test_an_old_copy_of_the_folder_is_overruled_by_the_warehouse",
            "tests/faults/test_runners.py::test_two_machines_take_turns",
        ),
    ),
    _without(
        _HELD,
        "the wait for the file",
        "pipelines/warehouse.py",
        "            if time.monotonic() >= ends:\n",
        "            if True:\n",
        "tests/pipelines/test_load.py::test_a_load_waits_for_a_warehouse_that_another_program_holds",
        "tests/faults/test_processes.py"
        "::test_a_reader_that_comes_while_the_api_is_read_and_goes_in_time_is_waited_for",
    ),
    _without(
        _HELD,
        "the holder's name in the message",
        "pipelines/warehouse.py",
        'by = f" by {holder}" if holder else ""',
        'by = ""',
        "tests/faults/test_processes.py::test_a_reader_that_does_not_let_go_is_named_and_nothing_is_asked_or_changed",
    ),
    _without(
        _PENDING,
        "that a pending package is thrown away",
        "pipelines/pipeline.py",
        "        shutil.rmtree(Path(get_dlt_pipelines_dir()) / name, ignore_errors=True)\n",
        "",
        "tests/faults/test_runners.py::test_a_pending_package_is_thrown_away_and_read_again",
        "tests/faults/test_runners.py::test_a_pending_package_of_an_old_copy_of_the_folder_is_never_loaded",
    ),
    _without(
        _STORM,
        "the pause after a 429",
        "sources/transport.py",
        "        self._limiter.block(seconds)\n",
        "",
        "tests/faults/test_http.py::test_a_429_of_any_kind_pauses_all_calls_for_the_longer_of_block_and_retry_after",
    ),
    _without(
        _STORM,
        "what Retry-After asks for",
        "sources/transport.py",
        "max(self._block_seconds, self._retry_after(response))",
        "self._block_seconds",
        "tests/faults/test_http.py::test_a_429_of_any_kind_pauses_all_calls_for_the_longer_of_block_and_retry_after",
    ),
    _without(
        _STORM,
        "the end of a load after three pauses",
        "sources/transport.py",
        "_BLOCKS_PER_RUN: Final = 3",
        "_BLOCKS_PER_RUN: Final = 9",
        "tests/faults/test_http.py::test_a_storm_of_429_ends_the_load_which_goes_on_when_it_is_over",
    ),
    _without(
        _STORM,
        "that all processes share the pause",
        "sources/rate_limit.py",
        "self._store = _Store(store)",
        "self._store = _Store(None)",
        "tests/faults/test_http.py::test_a_storm_of_429_ends_the_load_which_goes_on_when_it_is_over",
    ),
    _without(
        _PASSING,
        "another attempt after an error of the server",
        "sources/answers.py",
        "return TryAgain(Unreachable(endpoint, message, status))",
        "return Unreachable(endpoint, message, status)",
        "tests/faults/test_http.py::test_what_passes_is_asked_again_at_the_same_place",
    ),
    _without(
        _PASSING,
        "the bound of the time that a body may drip",
        "sources/transport.py",
        "            if time.monotonic() > ends:\n",
        "            if False:\n",
        "tests/faults/test_http.py::test_what_passes_is_asked_again_at_the_same_place",
    ),
    _without(
        _PASSING,
        "another attempt after a failure of the network",
        "sources/http.py",
        'raise TryAgain(Unreachable(endpoint, f"{type(error).__name__}: {error}")) from error',
        'raise Unreachable(endpoint, f"{type(error).__name__}: {error}") from error',
        "tests/faults/test_http.py::test_what_passes_is_asked_again_at_the_same_place",
    ),
    _without(
        _TRUNCATED,
        "the refusal of what is no JSON",
        "sources/answers.py",
        'raise _bad_body(endpoint, f"the body is no JSON ({error})") from None',
        "return convert([])",
        "tests/faults/test_http.py::test_what_passes_is_asked_again_at_the_same_place",
        "tests/faults/test_http.py::test_what_stays_is_the_failure_of_its_campaign_and_names_the_endpoint",
    ),
    _without(
        _TRUNCATED,
        "the refusal of null",
        "sources/answers.py",
        'raise _bad_body(endpoint, "the body is null")',
        "return convert([])",
        "tests/faults/test_http.py::test_what_stays_is_the_failure_of_its_campaign_and_names_the_endpoint",
    ),
    _without(
        _TRUNCATED,
        "the refusal of another content type",
        "sources/answers.py",
        'if content_type and "json" not in content_type.lower():',
        "if False:",
        "tests/faults/test_http.py::test_what_stays_is_the_failure_of_its_campaign_and_names_the_endpoint",
    ),
    _without(
        _TRUNCATED,
        "another attempt after a body that cannot be unpacked",
        "sources/http.py",
        'raise TryAgain(WrongAnswer(endpoint, f"the body cannot be unpacked: {error}")) from error',
        'raise WrongAnswer(endpoint, f"the body cannot be unpacked: {error}") from error',
        "tests/faults/test_http.py::test_what_passes_is_asked_again_at_the_same_place",
    ),
    _without(
        _NO_LIST,
        "the look at success",
        "sources/answers.py",
        "if isinstance(answer, dict) and _is_failure(answer):",
        "if False:",
        "tests/faults/test_http.py::test_an_answer_that_is_no_list_is_an_error_and_closes_nothing[success_false]",
    ),
    _without(
        _NO_LIST,
        "the check that an answer is a list",
        "sources/shapes.py",
        'raise wrong(endpoint, "a list", answer)',
        "return []",
        "tests/faults/test_http.py::test_an_answer_that_is_no_list_is_an_error_and_closes_nothing[object_for_list]",
        "tests/snovio/test_failures.py::test_campaigns_that_fail_in_any_way_stop_no_other_and_keep_their_rows",
    ),
    _without(
        _TOKEN,
        "the renewal of a refused token",
        "sources/snovio/auth.py",
        "        if _refuses_the_token(response):\n",
        "        if False:\n",
        "tests/faults/test_http.py::test_a_token_that_ends_between_two_pages_is_renewed_and_the_page_asked_again",
    ),
    _without(
        _TOKEN,
        "the distrust of an expiry of 0",
        "sources/snovio/auth.py",
        "    if not 0 < seconds < _LONGEST_LIFETIME:\n        return _LONGEST_LIFETIME\n",
        "",
        "tests/faults/test_http.py::test_a_token_that_ends_between_two_pages_is_renewed_and_the_page_asked_again",
    ),
    _without(
        _TOKEN,
        "another attempt when the token endpoint fails",
        "sources/snovio/auth.py",
        "    except CredentialsRefused:\n        raise CredentialsRefused(_refusal(",
        "    except (CredentialsRefused, TryAgain):\n        raise CredentialsRefused(_refusal(",
        "tests/faults/test_http.py::test_a_token_that_ends_between_two_pages_is_renewed_and_the_page_asked_again",
    ),
    _without(
        _REVOKED,
        "the end of a load whose credentials are refused",
        "sources/reading.py",
        "        except CredentialsRefused:\n            raise\n        except CannotBeRead as error:\n",
        "        except (CredentialsRefused, CannotBeRead) as error:\n",
        "tests/faults/test_http.py::test_a_secret_that_is_revoked_between_two_pages_exits_4_and_changes_nothing",
        "tests/snovio/test_failures.py::test_refused_credentials_end_the_load_and_change_nothing",
    ),
    Defence(
        _REDIRECT,
        "that redirects are not followed, and that nothing is sent to another host",
        (
            Change("sources/http.py", "follow_redirects=False", "follow_redirects=True"),
            Change(
                "sources/transport.py",
                "if not same_place or not self._is_allowed(request.method, path):",
                "if False:",
            ),
        ),
        ("tests/faults/test_http.py::test_a_redirect_takes_neither_token_nor_secret_to_another_host",),
    ),
    _without(
        _ONE_CAMPAIGN,
        "that a campaign's failure is its own",
        "sources/reading.py",
        "            self._failed(outcome, label, error)\n            self._not_in_plan",
        "            raise\n            self._not_in_plan",
        "tests/pipelines/test_load.py"
        "::test_one_campaign_that_is_gone_exits_3_and_the_others_are_committed[not_found]",
        "tests/snovio/test_failures.py::test_campaigns_that_fail_in_any_way_stop_no_other_and_keep_their_rows",
    ),
    Defence(
        _MOVING,
        "the overlap of pages, and the step back from one that does not continue the one before",
        (
            Change(
                "sources/snovio/moving_list.py",
                "border - min(self._overlap, max(1, border // 2), border)",
                "len(page.rows)",
            ),
            Change(
                "sources/snovio/moving_list.py",
                "if offset == 0 or (frontier is not None and page.seconds[0] >= frontier):",
                "if True:",
            ),
        ),
        (
            "tests/faults/test_paging.py::test_rows_that_change_come_and_go_around_seconds_that_lie_on_page_borders",
            "tests/snovio/test_paging.py::test_rows_that_come_and_go_between_any_two_pages[100-1]",
        ),
    ),
    _without(
        _MOVING,
        "another pass over a list of prospects that moved",
        "sources/snovio/prospects.py",
        "        return self.counters == {len(self.prospects)} and not grew\n",
        "        return True\n",
        "tests/snovio/test_lists.py::test_a_list_that_moves_between_any_two_pages[for a while]",
    ),
    _without(
        _ODD_PAGES,
        "the step back when the list is shorter than the offset",
        "sources/snovio/moving_list.py",
        "            else:\n                met_empty = True\n            offset = max(0, offset - step)",
        "            else:\n                return 0, None, True\n            offset = max(0, offset - step)",
        "tests/faults/test_paging.py::test_a_list_that_shrinks_below_the_offset_is_read_to_its_end",
        "tests/snovio/test_paging.py::test_short_empty_and_repeated_pages_lose_nothing[empty_list-conditions1]",
    ),
    _without(
        _ODD_PAGES,
        "the proof that a short page is the last",
        "sources/snovio/moving_list.py",
        "        if self._sizes.proves_end(len(page.rows)):\n            return True\n        if previous is None",
        "        if True:\n            return True\n        if previous is None",
        "tests/snovio/test_paging.py::test_short_empty_and_repeated_pages_lose_nothing[short_page-conditions0]",
    ),
    _without(
        _ODD_PAGES,
        "the question whether offset is ignored",
        "sources/snovio/moving_list.py",
        'raise OffsetIgnored("every offset is answered with the head of the list: `offset` is ignored")',
        "return",
        "tests/snovio/test_paging.py::test_an_ignored_offset_is_the_failure_of_its_campaign_alone",
    ),
    _without(
        _ODD_PAGES,
        "the look at a page of prospects that repeats the one before",
        "sources/snovio/prospects.py",
        "        if repeated and contacts is not None and rows < contacts:\n",
        "        if False:\n",
        "tests/faults/test_paging.py::test_an_ignored_place_is_told_by_every_paged_list",
    ),
    _without(
        _UNORDERED,
        "the check that a page is newest first",
        "sources/snovio/moving_list.py",
        "    if not all(map(ge, page.seconds, page.seconds[1:])):\n",
        "    if False:\n",
        "tests/faults/test_paging.py::test_a_list_in_no_order_is_never_believed_to_be_read_early",
        "tests/snovio/test_paging.py::test_however_the_server_shows_a_still_list_it_is_loaded_once"
        "[{'page_size': 200, 'order': 'shuffled'}]",
    ),
    _without(
        _UNORDERED,
        "that ids tell nothing of a row",
        "sources/snovio/reading.py",
        'frozenset({"source_id", "source_hash", "prospect_id"})',
        "frozenset[str]()",
        "tests/faults/test_paging.py::test_a_list_in_no_order_is_never_believed_to_be_read_early",
    ),
    _without(
        _TIMES,
        "the rejection of times that cannot be",
        "sources/snovio/event_rows.py",
        "    if not pc.any(outside).as_py():\n",
        "    if True:\n",
        "tests/faults/test_time.py::test_impossible_times_are_rejected_and_the_next_load_brings_what_is_new",
    ),
    _without(
        _TIMES,
        "that a load comes after all that are there, whatever the clock says",
        "pipelines/pipeline.py",
        "max(last, _EARLIEST_LOAD, float(newest or 0))",
        "last",
        "tests/faults/test_time.py::test_a_runner_whose_clock_was_wrong_harms_no_later_load",
    ),
    _without(
        _TIMES,
        "dates as numbers",
        "sources/values.py",
        "if isinstance(value, str) and not value.strip().isdecimal():",
        "if True:",
        "tests/snovio/test_paging.py::test_a_form_of_a_date_that_is_a_text_a_number_or_an_object[epoch]",
    ),
    _without(
        _TIMES,
        "the zone of a date that is an object",
        "sources/values.py",
        '_zone(value.get("timezone") or "UTC")',
        "UTC",
        "tests/snovio/test_paging.py::test_a_form_of_a_date_that_is_a_text_a_number_or_an_object[php_offset]",
    ),
    _without(
        _SHAPES,
        "that a value that cannot be understood becomes null",
        "sources/tables.py",
        "        if problems is None:\n            raise BadRow",
        "        if True:\n            raise BadRow",
        "tests/faults/test_data.py::test_shapes_that_change_from_one_load_to_the_next_cost_no_row",
    ),
    _without(
        _SHAPES,
        "that unknown fields are kept as text",
        "sources/tables.py",
        "value = _converted(name, values.text, left[place], problems)",
        "value = left[place]",
        "tests/faults/test_data.py::test_shapes_that_change_from_one_load_to_the_next_cost_no_row",
    ),
    _without(
        _LABELS,
        "that custom fields are no columns",
        "sources/snovio/event_rows.py",
        "if events.has_custom_fields and name.startswith(values.CUSTOM_FIELD_PREFIX)]",
        "if False]",
        "tests/faults/test_data.py::test_custom_fields_of_any_label_are_all_kept",
    ),
    _without(
        _LABELS,
        "the difference between labels that are one when they are stored",
        "sources/values.py",
        "        while free in named:\n",
        "        while False:\n",
        "tests/faults/test_data.py::test_custom_fields_of_any_label_are_all_kept",
    ),
    _without(
        _UNSTORABLE,
        "the cleaning of text",
        "sources/values.py",
        'return _UNSTORABLE.sub("\\ufffd", value)',
        "return value",
        "tests/faults/test_data.py::test_what_cannot_be_stored_is_cleaned_or_told_and_all_else_is_loaded",
    ),
    _without(
        _UNSTORABLE,
        "the bound of nesting",
        "sources/values.py",
        "    if depth > MOST_NESTING:\n",
        "    if False:\n",
        "tests/faults/test_data.py::test_what_cannot_be_stored_is_cleaned_or_told_and_all_else_is_loaded",
    ),
    _without(
        _UNSTORABLE,
        "the tolerant decoder",
        "sources/answers.py",
        'return json.loads(content.decode("utf-8-sig", errors="replace"), parse_int=_integer)',
        "raise",
        "tests/snovio/test_failures.py::test_every_spoiled_row_is_loaded_or_rejected_and_later_loads_work",
    ),
    _without(
        _KEYS,
        "the rejection of a row without its key",
        "sources/tables.py",
        "            if row.get(name) is None:\n",
        "            if False:\n",
        "tests/snovio/test_failures.py::test_wrong_rows_of_small_lists_are_rejected_one_by_one",
    ),
    _without(
        _KEYS,
        "the rejection of a key that is there twice",
        "sources/reading.py",
        "            if key in rows:\n",
        "            if False:\n",
        "tests/snovio/test_failures.py::test_wrong_rows_of_small_lists_are_rejected_one_by_one",
    ),
    _without(
        _KEYS,
        "the numbers of rows that share a key",
        "sources/snovio/event_rows.py",
        "        occurrences[position] = seen[keys[position]]\n",
        "",
        "tests/snovio/test_moves.py::test_an_incremental_load_brings_every_change_inside_the_lookback",
    ),
    _without(
        _KEYS,
        "the numbers of prospects that a list has twice",
        "sources/snovio/prospects.py",
        '            row["occurrence"] = seen[prospect["id"]]\n',
        '            row["occurrence"] = 0\n',
        "tests/snovio/test_lists.py::test_a_prospect_that_is_listed_twice_across_pages_is_two_rows",
    ),
    _without(
        _DELETED,
        "the end of the rows of a list that is gone",
        "sources/snovio/prospects.py",
        "for gone in gone_from(reading, PROSPECT_LISTS, _known(), lists):",
        "for gone in ():",
        "tests/snovio/test_moves.py"
        "::test_campaigns_and_lists_that_go_close_their_history_and_the_next_sweep_holds_the_truth",
    ),
    _without(
        _DELETED,
        "the end of the rows of a campaign that is gone",
        "sources/snovio/campaigns.py",
        "for gone in gone_from(reading, CAMPAIGNS, _asked(table), present):",
        "for gone in ():",
        "tests/snovio/test_moves.py"
        "::test_campaigns_and_lists_that_go_close_their_history_and_the_next_sweep_holds_the_truth",
    ),
    _without(
        _DELETED,
        "history: rows are replaced",
        "sources/writing.py",
        'disposition = {"disposition": "merge", "strategy": "scd2", "destination_scope": scope}',
        'disposition = {"disposition": "replace"}',
        "tests/snovio/test_moves.py"
        "::test_campaigns_and_lists_that_go_close_their_history_and_the_next_sweep_holds_the_truth",
    ),
    _without(
        _ERASED,
        "the look at rows for people who were erased",
        "sources/erasing.py",
        "    if not erased or not tells_of_people(table):\n",
        "    if True:\n",
        "tests/faults/test_privacy.py::test_a_person_erased_stays_out_and_all_others_stay",
        "tests/faults/test_privacy.py::test_new_events_of_a_person_erased_are_counted_and_nothing_more",
    ),
    _without(
        _ERASED,
        "that the id under which a person is listed becomes theirs",
        "sources/snovio/prospects.py",
        '        reading.erased.add(row["id"])  # the prospect\'s own row shows no address\n',
        "        pass\n",
        "tests/faults/test_privacy.py::test_new_events_of_a_person_erased_are_counted_and_nothing_more",
    ),
    _without(
        _SECRETS,
        "the masking of known secrets",
        "sources/redaction.py",
        "    text = _SECRETS.mask(text)\n",
        "",
        "tests/faults/test_secrets.py::test_no_process_list_and_no_output_shows_a_secret",
    ),
    _without(
        _SECRETS,
        "that settings show no credentials",
        "pipelines/configuration.py",
        "credentials: Mapping[str, str] = field(repr=False)",
        "credentials: Mapping[str, str] = field()",
        "tests/faults/test_secrets.py::test_nothing_that_holds_a_secret_shows_it[snovio]",
    ),
    _without(
        _SECRETS,
        "that of a webhook's address only the host is kept",
        "sources/snovio/account.py",
        '_masked(row.get("end_point"))',
        'row.get("end_point")',
        "tests/snovio/test_privacy.py::test_no_secret_is_in_any_row_state_package_or_log",
    ),
    _without(
        _SECRETS,
        "the search for secrets in what tests leave",
        "tests/canaries.py",
        "    found = [*_printed, *leaks(tmp_path_factory.getbasetemp())]\n",
        "    found = list[str]()\n",
        "tests/faults/test_secrets.py::test_a_secret_that_gets_out_fails_the_run",
    ),
    _without(
        _ADDRESSES,
        "the masking of addresses",
        "sources/redaction.py",
        "        text = _EMAIL.sub(MASK, text)\n",
        "        pass\n",
        "tests/faults/test_privacy.py"
        "::test_addresses_in_answers_that_refuse_are_masked[ann.lee@example.com is unknown]",
    ),
    Defence(
        _ANY_ORDER,
        "that a whole read begins anew, and trusts nothing that earlier loads noted",
        (
            Change("sources/snovio/due.py", "    if settings.full_refresh:\n", "    if False:\n"),
            Change("sources/snovio/reading.py", "everything=self.settings.full_refresh", "everything=False"),
        ),
        ("tests/faults/test_over_time.py::test_any_loads_end_with_the_same_rows_after_a_sweep",),
    ),
    _without(
        _EMPTY,
        "the second question",
        "sources/reading.py",
        "ask() or (ask() if known else [])",
        "ask()",
        "tests/faults/test_over_time.py::test_an_empty_campaign_list_exits_3_and_closes_nothing",
    ),
    _without(
        _EMPTY,
        "that an empty list closes nothing",
        "sources/reading.py",
        "        if known and not rows:\n",
        "        if False:\n",
        "tests/faults/test_over_time.py::test_an_empty_campaign_list_exits_3_and_closes_nothing",
    ),
)
"""Every defence, in the order of `ROWS`."""
