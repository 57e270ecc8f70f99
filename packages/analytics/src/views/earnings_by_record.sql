-- What did each record earn, for how many answers, and when?
--
-- A row for each record that earned something. Records that say the same form a cluster and only its canonical one, the
-- earliest on chain, stands here.
--
-- canonical     | digest  | sha2-256 of the record
-- title         | text    | where it comes from, as stated; null if its manifest could not be read
-- datanet       | id      | Datanet where its contributor listed it first; null likewise
-- contribution  | id      | that contribution; null likewise
-- contributor   | address | who is paid for it
-- answers       | count   | answers that it earned something for
-- earned_wei    | wei     | granted by all epochs
-- first_epoch   | number  | epoch that paid for it first
-- last_epoch    | number  | epoch that paid for it last
CREATE VIEW earnings_by_record AS
SELECT canonical, title, datanet, contribution, holder AS contributor, answers, earned_wei, first_epoch, last_epoch
FROM _paid_record
