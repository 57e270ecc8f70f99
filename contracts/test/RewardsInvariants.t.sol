// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRootCourt} from "../rewards/IRootCourt.sol";
import {Invariants} from "./support/Invariants.sol";
import {Sheets} from "./support/Sheets.sol";
import {Tree} from "./support/Tree.sol";

/// Drives vault and court at random: honest and dishonest roots, disputes of every outcome, claims from any epoch, forgeries.
/// What must hold at each step is asserted here; what must hold always, in the contract below.
contract RewardsHandler is Sheets {
    using Tree for bytes32[];

    uint256 public fundedWei = FUNDED_WEI;
    uint256 public paidWei;
    bytes32[][] internal sheets; // by epoch; [0] is none
    mapping(uint256 number => bool) internal wasLive;

    function start() external {
        setUp();
        sheets.push();
    }

    function fund(uint256 amountWei) external {
        amountWei = bound(amountWei, 1, 1e22);
        vault.fund(amountWei, "more");
        fundedWei += amountWei;
    }

    /// Each account gets more than in the last epoch; if dishonest, the middle one gets less.
    function proposeNext(uint256 seed, bool dishonest) external {
        uint256 parent = court.latest();
        if (parent != 0 && !isLive(parent)) return;
        uint256 number = court.nextEpoch();
        uint256[3] memory amounts;
        for (uint256 i; i < 3; ++i) {
            uint256 before = parent == 0 ? 0 : uint96(uint256(sheets[parent][i + 1]));
            seed = uint256(keccak256(abi.encode(seed)));
            amounts[i] = before + 1 + (seed % 1e18);
        }
        if (dishonest && parent != 0) {
            uint256 takenWei = amounts[1] - uint96(uint256(sheets[parent][2])) + 1;
            amounts[1] -= takenWei;
            amounts[2] += takenWei;
        }
        bytes32[] memory words = sheet(number, amounts[0], amounts[1], amounts[2]);
        equal(propose(words), number, "epochs are numbered without a gap");
        sheets.push(words);
    }

    function challengeLatest(uint256 seed) external {
        uint256 number = court.latest();
        if (number == 0 || court.epoch(number).status != IRootCourt.Status.Proposed) return;
        uint256 opensAt = vault.opensAt(sheets[number].root());
        if (seed % 3 == 0 && block.timestamp < opensAt) vm.warp(opensAt - (seed % 2)); // the very border
        bool live = block.timestamp >= opensAt;
        vm.prank(CHALLENGER);
        try court.challenge(number, bytes32(seed)) {
            require(!live, "a live root was frozen");
        } catch {
            require(live, "a pending root could not be challenged");
        }
    }

    function ruleOnLatest(bool upheld) external {
        uint256 number = court.latest();
        if (number == 0 || court.epoch(number).status != IRootCourt.Status.Challenged) return;
        resolve(number, upheld);
        fundedWei += BOND_WEI - BOND_WEI / 2;
    }

    function expireLatest(bool late) external {
        uint256 number = court.latest();
        if (number == 0 || court.epoch(number).status != IRootCourt.Status.Challenged) return;
        if (late) vm.warp(block.timestamp + 14 days);
        bool due = block.timestamp >= court.epoch(number).challengedAt + 14 days;
        try court.expire(number) {
            require(due, "a draw before its time");
        } catch {
            require(!due, "no draw after its time");
        }
    }

    /// Proves what can be proven: a fault exists exactly if the middle account lost.
    function proveLatest() external {
        uint256 number = court.latest();
        if (number == 0 || court.epoch(number).parent == 0 || isLive(number)) return;
        bytes32[] memory words = sheets[number];
        bytes32[] memory old = sheets[court.epoch(number).parent];
        bool fault = uint96(uint256(words[2])) < uint96(uint256(old[2]));
        IRootCourt.Leaf memory leaf = words.leaf(2);
        IRootCourt.Leaf memory oldLeaf = old.leaf(2);
        vm.prank(STRANGER);
        try court.proveRegression(number, leaf, oldLeaf) {
            require(fault, "an honest root was punished");
            fundedWei += BOND_WEI - BOND_WEI / 2;
        } catch {
            require(!fault, "a fault could not be proven");
        }
    }

    function releaseBond(uint256 seed) external {
        if (sheets.length == 1) return;
        uint256 number = 1 + (seed % (sheets.length - 1));
        bool due = isLive(number) && !court.epoch(number).bondReleased;
        try court.releaseBond(number) {
            require(due, "a bond left too early or twice");
        } catch {
            require(!due, "a bond is stuck");
        }
    }

    function claim(uint256 seed, uint256 index) external {
        if (sheets.length == 1) return;
        uint256 number = 1 + (seed % (sheets.length - 1));
        index = bound(index, 0, 7);
        bytes32 word = sheets[number][index];
        address account = address(uint160(uint256(word) >> 96));
        uint256 beforeWei = vault.claimedOf(account);
        bool good = isLive(number) && index >= 1 && index <= 3 && uint96(uint256(word)) > beforeWei;
        try vault.claim(word, index, sheets[number].proof(index)) returns (uint256 amountWei) {
            require(good, "a claim was paid that should not be");
            equal(amountWei, uint96(uint256(word)) - beforeWei, "amount");
            paidWei += amountWei;
        } catch {
            require(!good, "a good claim was refused");
        }
    }

    function claimAll(uint256 seed) external {
        if (sheets.length == 1) return;
        uint256 number = 1 + (seed % (sheets.length - 1));
        uint256 dueWei;
        for (uint256 i = 1; i <= 3; ++i) {
            uint256 beforeWei = vault.claimedOf(address(uint160(uint256(sheets[number][i]) >> 96)));
            uint256 owedWei = uint96(uint256(sheets[number][i]));
            if (owedWei > beforeWei) dueWei += owedWei - beforeWei;
        }
        uint256 heldWei = token.balanceOf(address(vault));
        bool live = isLive(number);
        try vault.claimSubtree(sheets[number], 0, new bytes32[](0)) {
            require(live, "a subtree was paid from a root that is not live");
            equal(heldWei - token.balanceOf(address(vault)), dueWei, "paid");
            paidWei += dueWei;
        } catch {
            require(!live, "a live subtree was refused");
        }
    }

    function forge(uint256 seed, uint256 index, bytes32 junk) external {
        if (sheets.length == 1) return;
        bytes32[] memory words = sheets[1 + (seed % (sheets.length - 1))];
        index = bound(index, 1, 3);
        bytes32[] memory proof = words.proof(index);
        bytes32 word = words[index];
        if (seed % 3 == 0) word = bytes32(uint256(word) + 1 + (seed % 1e18));
        if (seed % 3 == 1) index += 8 * (1 + (seed % 7));
        if (seed % 3 == 2) proof[seed % 3] = junk;
        try vault.claim(word, index, proof) {
            revert("a forged claim was paid");
        } catch {}
    }

    function wait_(uint256 time) external {
        vm.warp(block.timestamp + bound(time, 1 hours, 5 days));
    }

    /// Live now; and once live, live for ever.
    function isLive(uint256 number) public returns (bool live) {
        live = vault.isLive(sheets[number].root());
        require(live || !wasLive[number], "a live root was taken back");
        wasLive[number] = live;
    }

    // For the invariants

    function vaultWei() external view returns (uint256 heldWei, uint256 countedWei) {
        return (token.balanceOf(address(vault)), vault.funded());
    }

    function claimedWei() external view returns (uint256) {
        return vault.claimedOf(LOWEST) + vault.claimedOf(MIDDLE) + vault.claimedOf(HIGHEST);
    }

    /// What the court must hold by its epochs' own words.
    function courtWei() external view returns (uint256 heldWei, uint256 countedWei, uint256 bondsWei) {
        for (uint256 number = 1; number < court.nextEpoch(); ++number) {
            IRootCourt.Epoch memory kept = court.epoch(number);
            if (!kept.bondReleased) bondsWei += kept.bondWei;
            if (kept.status == IRootCourt.Status.Challenged) bondsWei += kept.bondWei;
        }
        return (token.balanceOf(address(court)), court.bondedWei(), bondsWei);
    }

    function latestTotalWei() external view returns (uint256) {
        return court.latest() == 0 ? 0 : court.epoch(court.latest()).totalWei;
    }

    function liveRoots() external returns (uint256 count) {
        for (uint256 number = 1; number < sheets.length; ++number) if (isLive(number)) ++count;
    }
}

contract RewardsInvariants is Invariants {
    RewardsHandler internal handler;

    function setUp() public {
        handler = new RewardsHandler();
        handler.start();
        bytes4[] memory selectors = new bytes4[](11);
        selectors[0] = RewardsHandler.fund.selector;
        selectors[1] = RewardsHandler.proposeNext.selector;
        selectors[2] = RewardsHandler.challengeLatest.selector;
        selectors[3] = RewardsHandler.ruleOnLatest.selector;
        selectors[4] = RewardsHandler.expireLatest.selector;
        selectors[5] = RewardsHandler.proveLatest.selector;
        selectors[6] = RewardsHandler.releaseBond.selector;
        selectors[7] = RewardsHandler.claim.selector;
        selectors[8] = RewardsHandler.claimAll.selector;
        selectors[9] = RewardsHandler.forge.selector;
        selectors[10] = RewardsHandler.wait_.selector;
        target(address(handler), selectors);
    }

    function invariant_TheVaultHoldsWhatWasFundedLessWhatWasPaid() public view {
        (uint256 heldWei, uint256 countedWei) = handler.vaultWei();
        equal(heldWei, handler.fundedWei() - handler.paidWei(), "held");
        equal(countedWei, handler.fundedWei(), "counted");
    }

    function invariant_TheSumOfClaimsIsWhatWasPaidAndNeverAboveWhatWasFunded() public view {
        equal(handler.claimedWei(), handler.paidWei(), "claims");
        require(handler.paidWei() <= handler.fundedWei(), "more paid than funded");
    }

    function invariant_TheCourtHoldsExactlyItsBonds() public view {
        (uint256 heldWei, uint256 countedWei, uint256 bondsWei) = handler.courtWei();
        equal(heldWei, bondsWei, "held");
        equal(countedWei, bondsWei, "counted");
    }

    function invariant_NoTotalExceedsWhatWasFunded() public view {
        require(handler.latestTotalWei() <= handler.fundedWei(), "promised more than funded");
    }

    function invariant_ALiveRootStaysLive() public {
        handler.liveRoots();
    }
}
