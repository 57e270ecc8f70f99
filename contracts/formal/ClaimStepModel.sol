// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// A requirement of a model is an assumption: nobody reads its error.
// solhint-disable gas-custom-errors

/// @title One claim of RewardDistributor
/// @notice `_pay` on what one account claimed before, without its event and its transfer. The vault packs this number with the
/// recipient into one slot; the solver cannot see through the packing, which tests cover.
/// @custom:engine bmc
contract ClaimStepModel {
    function pay(uint96 claimedWei, uint96 cumulativeWei) external pure {
        (uint256 paidWei, uint256 kept) = _pay(claimedWei, cumulativeWei);
        // Proven: a claim pays what is new, or nothing
        assert(paidWei == (cumulativeWei > claimedWei ? cumulativeWei - claimedWei : 0));
        // Proven: what was claimed never shrinks, and grows by what is paid
        assert(kept >= claimedWei && kept - claimedWei == paidWei);
        (uint256 again, ) = _pay(kept, cumulativeWei);
        // Proven: afterwards the same word pays nothing
        assert(again == 0);
    }

    function payInTwoSteps(uint96 claimedWei, uint96 first, uint96 second) external pure {
        require(claimedWei <= first && first <= second);
        (uint256 paidFirst, uint256 between) = _pay(claimedWei, first);
        (uint256 paidSecond, ) = _pay(between, second);
        (uint256 paidAtOnce, ) = _pay(claimedWei, second);
        // Proven: two claims pay together what the later word alone would have paid
        assert(paidFirst + paidSecond == paidAtOnce);
    }

    function _pay(uint256 claimedWei, uint256 cumulativeWei) internal pure returns (uint256 amountWei, uint256 kept) {
        if (cumulativeWei <= claimedWei) return (0, claimedWei);
        return (cumulativeWei - claimedWei, cumulativeWei);
    }
}
