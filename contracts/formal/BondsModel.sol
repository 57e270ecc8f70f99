// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// A requirement of a model is an assumption: nobody reads its error.
// solhint-disable gas-custom-errors

/// @title The bonds of RootCourt, for one epoch among any others
/// @notice `others` are the bonds of all other epochs, which move as they like; `held` is the court's balance of OPEN.
contract BondsModel {
    enum Status {
        None,
        Proposed,
        Challenged,
        Rejected
    }

    Status internal status;
    uint256 internal bond;
    bool internal released;
    bool internal live;
    uint256 internal others;
    uint256 internal held;
    uint256 internal bonded;
    uint256 internal forfeited;
    uint256 internal returned;
    uint256 internal staked;

    function otherEpochs(uint96 in_, uint96 out) external {
        require(out <= others && others < 2 ** 200);
        others = others + in_ - out;
        held = held + in_ - out;
        bonded = bonded + in_ - out;
    }

    function propose(uint96 bond_) external {
        require(status == Status.None && bond_ != 0);
        (status, bond) = (Status.Proposed, bond_);
        (bonded, held, staked) = (bonded + bond, held + bond, staked + bond);
    }

    function challenge() external {
        require(status == Status.Proposed && !live);
        status = Status.Challenged;
        (bonded, held, staked) = (bonded + bond, held + bond, staked + bond);
    }

    function windowPasses() external {
        if (status == Status.Proposed) live = true;
    }

    function resolve(bool upheld) external {
        require(status == Status.Challenged);
        if (upheld) {
            _reject();
            return;
        }
        uint256 paidWei = bond / 2;
        uint256 toRewardsWei = bond - paidWei;
        status = Status.Proposed;
        bonded -= bond;
        _payOut(paidWei, toRewardsWei);
    }

    function proveFault() external {
        require(status == Status.Challenged || (status == Status.Proposed && !live));
        _reject();
    }

    function expire() external {
        require(status == Status.Challenged);
        (status, released) = (Status.Rejected, true);
        bonded -= 2 * bond;
        held -= 2 * bond;
        returned += 2 * bond;
    }

    function releaseBond() external {
        require(status == Status.Proposed && live && !released);
        released = true;
        bonded -= bond;
        held -= bond;
        returned += bond;
    }

    function _reject() internal {
        uint256 stakedWei = status == Status.Challenged ? bond : 0;
        uint256 rewardWei = bond / 2;
        (status, released) = (Status.Rejected, true);
        bonded -= bond + stakedWei;
        _payOut(stakedWei + rewardWei, bond - rewardWei);
    }

    function _payOut(uint256 paidWei, uint256 toRewardsWei) internal {
        held -= paidWei + toRewardsWei;
        returned += paidWei;
        forfeited += toRewardsWei;
    }

    function invariants() external view {
        uint256 own = (released || status == Status.None ? 0 : bond) + (status == Status.Challenged ? bond : 0);
        // Proven: the court holds exactly the bonds that are out
        assert(held == bonded);
        // Proven: an epoch's bonds are its proposer's until released, and its challenger's while challenged
        assert(bonded == others + own);
        // Proven: what is staked is held, given back or forfeited, and nothing is lost or made
        assert(staked == own + returned + forfeited);
        // Proven: a rejected epoch keeps no bond
        assert(status != Status.Rejected || own == 0);
    }
}
